//! Quality models and evaluations: how well a chat was attended, by questions a campaign chooses.
//!
//! Source: seed, "Quality"; domain.md §2, Quality.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::field;
use crate::id::{AgentId, ChatId};
use crate::limits;
use crate::problem::Problems;

/// Quality models of a tenant, all versions.
pub const MODELS: usize = 10_000;
/// Categories of a model, questions of a category, answers of a question.
pub const ITEMS: usize = 50;
/// Largest score of an answer, and the negative of the smallest.
pub const SCORE: i32 = 1_000;

/// One version of a quality model: 1, 2, 3 … in order of creation over the tenant. A version never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ModelId(pub u32);

/// Questions in categories. Changing a model makes a new version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QualityModel {
    /// 1–80 characters.
    pub name: Arc<str>,
    /// 1–50.
    pub categories: Vec<Category>,
}

/// Questions that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Category {
    /// 1–80 characters.
    pub name: Arc<str>,
    /// 1–50.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Question {
    /// 1–2,000 characters.
    pub text: Arc<str>,
    /// Without an answer to it there is no score.
    #[serde(default)]
    pub mandatory: bool,
    /// 2–50.
    pub answers: Vec<Answer>,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// 1–2,000 characters.
    pub text: Arc<str>,
    /// −1,000 to 1,000.
    pub score: i32,
}

/// The answers to a model about one agent's part of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// The chat.
    pub chat: ChatId,
    /// Whose part of it.
    pub agent: AgentId,
    /// The model's version.
    pub model: ModelId,
    /// The agent or supervisor who answers.
    pub evaluator: AgentId,
    /// The answer chosen per question, in the model's order over all categories; `None` is not answered.
    pub answers: Vec<Option<u16>>,
}

/// Points reached out of those that could be, over the answered questions. Exact: nothing is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Score {
    /// The sum of the chosen answers' scores.
    pub points: i64,
    /// The sum of the best answers' scores.
    pub most: i64,
}

impl QualityModel {
    /// Checks the whole model.
    ///
    /// # Errors
    /// All problems at once, each with its field, value and range.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::none();
        check_text(&mut problems, "name", &self.name, limits::NAME_CHARS);
        check_count(&mut problems, "categories", self.categories.len(), 1);
        for (c, category) in self.categories.iter().take(ITEMS).enumerate() {
            let at = format!("categories[{c}]");
            check_text(
                &mut problems,
                &format!("{at}.name"),
                &category.name,
                limits::NAME_CHARS,
            );
            check_count(
                &mut problems,
                &format!("{at}.questions"),
                category.questions.len(),
                1,
            );
            for (q, question) in category.questions.iter().take(ITEMS).enumerate() {
                let at = format!("{at}.questions[{q}]");
                check_text(
                    &mut problems,
                    &format!("{at}.text"),
                    &question.text,
                    limits::NOTE_CHARS,
                );
                check_count(
                    &mut problems,
                    &format!("{at}.answers"),
                    question.answers.len(),
                    2,
                );
                for (a, answer) in question.answers.iter().take(ITEMS).enumerate() {
                    let at = format!("{at}.answers[{a}]");
                    check_text(
                        &mut problems,
                        &format!("{at}.text"),
                        &answer.text,
                        limits::NOTE_CHARS,
                    );
                    if !(-SCORE..=SCORE).contains(&answer.score) {
                        problems.add(
                            format!("{at}.score"),
                            answer.score,
                            format!("-{SCORE} to {SCORE}"),
                        );
                    }
                }
            }
        }
        problems.or(())
    }

    /// All questions, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.categories
            .iter()
            .flat_map(|category| &category.questions)
    }

    /// The score of a set of answers; `None` while a mandatory question is not answered, or none is.
    ///
    /// # Errors
    /// The answers do not fit the questions.
    pub fn score(&self, answers: &[Option<u16>]) -> Result<Option<Score>, Problems> {
        let mut problems = Problems::none();
        let count = self.questions().count();
        if answers.len() != count {
            problems.add(
                "answers",
                answers.len(),
                format!("one for each of {count} questions"),
            );
        }
        let mut score = Score { points: 0, most: 0 };
        let mut complete = answers.iter().any(Option::is_some);
        for (at, (question, chosen)) in self.questions().zip(answers).enumerate() {
            let Some(chosen) = chosen else {
                complete &= !question.mandatory;
                continue;
            };
            match question.answers.get(usize::from(*chosen)) {
                Some(answer) => {
                    score.points += i64::from(answer.score);
                    score.most += question
                        .answers
                        .iter()
                        .map(|a| i64::from(a.score))
                        .max()
                        .unwrap_or(0);
                }
                None => {
                    let expected = format!("0 to {}", question.answers.len() - 1);
                    problems.add(format!("answers[{at}]"), chosen, expected);
                }
            }
        }
        problems.or(complete.then_some(score))
    }
}

fn check_text(problems: &mut Problems, field: &str, text: &str, most: usize) {
    if let Err(problem) = field::text(text, most) {
        problems.add(field, problem.value, problem.expected);
    }
}

fn check_count(problems: &mut Problems, field: &str, count: usize, least: usize) {
    if !(least..=ITEMS).contains(&count) {
        problems.add(field, count, format!("{least} to {ITEMS}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(mandatory: bool, scores: &[i32]) -> Question {
        let answers = scores.iter().map(|score| Answer {
            text: score.to_string().into(),
            score: *score,
        });
        Question {
            text: "How?".into(),
            mandatory,
            answers: answers.collect(),
        }
    }

    fn model() -> QualityModel {
        let category = |questions| Category {
            name: "Manner".into(),
            questions,
        };
        QualityModel {
            name: "Default".into(),
            categories: vec![
                category(vec![question(true, &[0, 5, 10]), question(false, &[-3, 3])]),
                category(vec![question(false, &[0, 1])]),
            ],
        }
    }

    #[test]
    fn a_score_counts_the_answered_questions_exactly() {
        let score = |answers: &[Option<u16>]| model().score(answers).unwrap();
        assert_eq!(
            score(&[Some(1), Some(0), Some(1)]),
            Some(Score {
                points: 3,
                most: 14
            })
        );
        assert_eq!(
            score(&[Some(2), None, None]),
            Some(Score {
                points: 10,
                most: 10
            })
        );
    }

    #[test]
    fn a_missing_mandatory_answer_means_no_score() {
        assert_eq!(model().score(&[None, Some(1), Some(1)]).unwrap(), None);
        assert_eq!(model().score(&[None, None, None]).unwrap(), None);
    }

    #[test]
    fn answers_must_fit_the_questions() {
        let wrong = model().score(&[Some(3), None]).unwrap_err();
        let fields: Vec<&str> = wrong
            .0
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(fields, ["answers", "answers[0]"]);
    }

    #[test]
    fn a_model_reports_all_its_problems() {
        assert_eq!(model().check(), Ok(()));
        let mut wrong = model();
        wrong.name = " ".into();
        wrong.categories[0].questions[0].answers.truncate(1);
        wrong.categories[1].questions[0].answers[0].score = 1_001;
        let problems = wrong.check().unwrap_err();
        let fields: Vec<&str> = problems
            .0
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        let expected = [
            "name",
            "categories[0].questions[0].answers",
            "categories[1].questions[0].answers[0].score",
        ];
        assert_eq!(fields, expected);
    }
}
