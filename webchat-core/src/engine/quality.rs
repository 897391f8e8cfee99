//! Canned responses, quality models and evaluations.

use std::sync::Arc;

use crate::campaign::Campaign;
use crate::canned::{self, CannedResponse};
use crate::effect::Receipt;
use crate::event::Event;
use crate::id::CampaignId;
use crate::outbox::Outbox;
use crate::quality::{Evaluation, MODELS, ModelId, QualityModel};
use crate::rejection::Rejection;
use crate::time::Timestamp;

use super::Engine;
use super::host::one_problem;

/// Evaluations of a tenant.
const EVALUATIONS: usize = 1_000_000;

impl Engine {
    pub(super) fn set_canned(
        &mut self,
        at: Timestamp,
        campaign: Option<CampaignId>,
        responses: Vec<CannedResponse>,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let before = match campaign {
            Some(campaign) => &self.known_campaign(campaign)?.canned,
            None => &self.state.canned,
        };
        if *before == responses {
            return Ok(());
        }
        let checked = match campaign {
            Some(_) => canned::check(&responses, &self.state.canned),
            // A shared shortcut must be free in every campaign.
            None => canned::check(&responses, &[]).and_then(|()| {
                let mut campaigns = self.state.campaigns();
                campaigns.try_for_each(|campaign| canned::check(&responses, &campaign.canned))
            }),
        };
        checked.map_err(Rejection::InvalidSettings)?;
        self.emit(
            at,
            Event::CannedSet {
                campaign,
                responses,
            },
            outbox,
        );
        Ok(())
    }

    pub(super) fn add_model(
        &mut self,
        at: Timestamp,
        questions: QualityModel,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        questions.check().map_err(Rejection::InvalidSettings)?;
        if self.state.models.len() >= MODELS {
            return Err(Rejection::Limit {
                what: "quality models",
                max: MODELS as u64,
            });
        }
        let model = ModelId(self.state.models.len() as u32 + 1);
        self.emit(
            at,
            Event::QualityModelAdded {
                model,
                questions: Arc::new(questions),
            },
            outbox,
        );
        Ok(Receipt::Model(model))
    }

    /// The campaign's quality model exists.
    pub(super) fn known_model(&self, settings: &Campaign) -> Result<(), Rejection> {
        match settings.quality_model {
            Some(model) if self.model(ModelId(model)).is_none() => {
                let expected = "0 or the number of a quality model";
                Err(one_problem("quality_model", &model.to_string(), expected))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn model(&self, id: ModelId) -> Option<&Arc<QualityModel>> {
        self.state.models.get((id.0 as usize).checked_sub(1)?)
    }

    /// One evaluation per agent's part, model version and evaluator.
    pub(super) fn evaluate(
        &mut self,
        at: Timestamp,
        evaluation: Evaluation,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let Evaluation {
            chat,
            agent,
            model,
            evaluator,
            ..
        } = evaluation;
        let questions = self.model(model).ok_or(Rejection::UnknownModel(model.0))?;
        let score = questions
            .score(&evaluation.answers)
            .map_err(Rejection::InvalidSettings)?;
        if self
            .state
            .evaluated
            .contains(&(chat, agent, model, evaluator))
        {
            return Err(Rejection::AlreadySubmitted);
        }
        if self.state.chat(chat).is_some_and(|live| !live.has(agent)) {
            return Err(Rejection::NotOwner(chat));
        }
        if self.state.evaluated.len() >= EVALUATIONS {
            return Err(Rejection::Limit {
                what: "evaluations",
                max: EVALUATIONS as u64,
            });
        }
        self.emit(at, Event::ChatEvaluated { evaluation, score }, outbox);
        Ok(Receipt::Score(score))
    }
}
