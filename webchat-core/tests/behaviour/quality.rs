//! Canned responses and quality models. Source: domain.md §2, "Quality", and §6.

use expect_test::expect;
use webchat_core::canned::CannedResponse;
use webchat_core::command::{Command, HostCommand, SupervisorCommand};
use webchat_core::quality::{Answer, Category, ModelId, QualityModel, Question};
use webchat_core::wording::{Language, Texts};

use crate::scene::*;

/// The administrator replaces the canned responses of a campaign, or those shared by all.
fn canned(campaign: Option<&'static str>, shortcuts: &'static [&'static str]) -> impl Step {
    let response = |shortcut: &&str| CannedResponse {
        shortcut: (*shortcut).into(),
        texts: Texts::from([(Language::ES, "Hola {visitor}")]),
    };
    move |scene: &mut Scene| {
        let campaign = campaign.map(|name| scene.cast().campaign(name));
        let responses = shortcuts.iter().map(response).collect();
        let _shown = scene.host(HostCommand::SetCanned {
            campaign,
            responses,
        });
    }
}

/// The administrator adds a model with one mandatory question, whose answers give 0 and 2 points.
fn adds_a_model() -> impl Step {
    let answer = |score| Answer {
        text: "x".into(),
        score,
    };
    let question = Question {
        text: "How?".into(),
        mandatory: true,
        answers: vec![answer(0), answer(2)],
    };
    let category = Category {
        name: "Manner".into(),
        questions: vec![question],
    };
    let model = QualityModel {
        name: "Default".into(),
        categories: vec![category],
    };
    move |scene: &mut Scene| {
        let _shown = scene.host(HostCommand::AddQualityModel(Box::new(model)));
    }
}

/// Somebody answers a model about ana's part of chat 1.
fn evaluates(by: &'static str, model: u32, answer: Option<u16>) -> impl Step {
    move |scene: &mut Scene| {
        let ask = SupervisorCommand::Evaluate {
            chat: scene.cast().chat(1),
            agent: scene.cast().agent("ana"),
            model: ModelId(model),
            answers: vec![answer],
        };
        let agent = scene.cast().agent(by);
        let _shown = scene.tell(Command::Supervisor { agent, ask });
    }
}

#[test]
fn a_shortcut_is_unique_among_a_campaigns_own_and_the_shared_ones() {
    given(campaign())
        .and(campaign().named("Sales"))
        .when(canned(None, &["bye"]))
        .when(canned(Some("Support"), &["hi"]))
        .when(canned(Some("Sales"), &["hi"]))
        .when(canned(Some("Support"), &["Bye"]))
        .when(canned(None, &["bye", "hi"]))
        .then(expect![[r#"
            CannedSet
            CannedSet
            CannedSet
            ! invalid_field: responses[0].shortcut is Bye, expected a shortcut not used before
            ! invalid_field: responses[1].shortcut is hi, expected a shortcut not used before
        "#]])
        .so(|scene| {
            let seen = scene.view().canned(scene.cast().campaign("Support"));
            let seen: Vec<&str> = seen.map(|response| &*response.shortcut).collect();
            assert_eq!(seen, ["hi", "bye"]);
        });
}

#[test]
fn a_campaign_can_only_have_a_quality_model_that_exists() {
    given(campaign())
        .when(edit(|draft| draft.quality_model = 1))
        .when(adds_a_model())
        .when(edit(|draft| draft.quality_model = 1))
        .then(expect![[r#"
            ! invalid_field: quality_model is 1, expected 0 or the number of a quality model
            QualityModelAdded 1
            CampaignChanged 1
        "#]]);
}

#[test]
fn an_agents_part_of_a_chat_is_evaluated_once_per_model_version_and_evaluator() {
    given(campaign())
        .and(agents_ready(1))
        .and(agent("eva").exists())
        .and(visitor(1).asks())
        .and(agent("ana").closes(1))
        .and(adds_a_model())
        .and(adds_a_model())
        .when(evaluates("eva", 1, Some(1)))
        .when(evaluates("eva", 1, Some(0)))
        .when(evaluates("ana", 1, Some(0)))
        .when(evaluates("eva", 2, None))
        .when(evaluates("eva", 3, None))
        .then(expect![[r#"
            ChatEvaluated ana part of 1 by eva, model 1: 2 of 2
            ! already_submitted: this was already given
            ChatEvaluated ana part of 1 by ana, model 1: 0 of 2
            ChatEvaluated ana part of 1 by eva, model 2: no score
            ! unknown_model: quality model 3 is not known
        "#]]);
}
