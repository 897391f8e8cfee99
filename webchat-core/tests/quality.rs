//! Canned responses and quality models through the engine.

#![allow(clippy::unwrap_used)] // a test may fail

use webchat_core::campaign::CampaignDraft;
use webchat_core::canned::CannedResponse;
use webchat_core::command::*;
use webchat_core::effect::Receipt;
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::quality::{Answer, Category, ModelId, QualityModel, Question, Score};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::wording::{Language, Texts};
use webchat_core::{Engine, Outbox};

fn tenant() -> (Engine, Outbox) {
    let mut engine = Engine::new(Zones::bundled());
    let mut outbox = Outbox::default();
    for name in ["Ventas", "Soporte"] {
        let campaign = CampaignDraft::named(name)
            .check(&Zones::bundled())
            .unwrap()
            .0;
        host(
            &mut engine,
            &mut outbox,
            HostCommand::CreateCampaign(Box::new(campaign)),
        )
        .unwrap();
    }
    for name in ["Ana", "Bruno"] {
        let profile = AgentProfile {
            name: name.into(),
            voice: false,
        };
        host(&mut engine, &mut outbox, HostCommand::CreateAgent(profile)).unwrap();
    }
    (engine, outbox)
}

fn handle(
    engine: &mut Engine,
    outbox: &mut Outbox,
    command: Command,
) -> Result<Receipt, Rejection> {
    let answer = engine.handle(Timestamp::from_seconds(1_790_000_000), command, outbox);
    let mut copy = Engine::new(Zones::bundled());
    copy.replay(outbox.events());
    assert_eq!(copy.digest(), engine.digest());
    assert_eq!(
        Engine::restore(&engine.snapshot(), Zones::bundled())
            .unwrap()
            .digest(),
        engine.digest()
    );
    answer
}

fn host(
    engine: &mut Engine,
    outbox: &mut Outbox,
    command: HostCommand,
) -> Result<Receipt, Rejection> {
    handle(engine, outbox, Command::Host(command))
}

fn canned(campaign: Option<u32>, shortcuts: &[&str]) -> HostCommand {
    let response = |shortcut: &&str| CannedResponse {
        shortcut: (*shortcut).into(),
        texts: Texts::from([(Language::ES, "Hola {visitor}")]),
    };
    let responses = shortcuts.iter().map(response).collect();
    HostCommand::SetCanned {
        campaign: campaign.map(CampaignId),
        responses,
    }
}

fn model() -> QualityModel {
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
    QualityModel {
        name: "Default".into(),
        categories: vec![category],
    }
}

#[test]
fn a_shortcut_is_unique_among_a_campaigns_own_and_the_shared_ones() {
    let (mut engine, mut outbox) = tenant();
    host(&mut engine, &mut outbox, canned(None, &["bye"])).unwrap();
    host(&mut engine, &mut outbox, canned(Some(1), &["hi"])).unwrap();
    host(&mut engine, &mut outbox, canned(Some(2), &["hi"])).unwrap();
    assert!(host(&mut engine, &mut outbox, canned(Some(1), &["Bye"])).is_err());
    assert!(host(&mut engine, &mut outbox, canned(None, &["bye", "hi"])).is_err());
    let seen: Vec<&str> = engine
        .view()
        .canned(CampaignId(1))
        .map(|response| &*response.shortcut)
        .collect();
    assert_eq!(seen, ["hi", "bye"]);
}

#[test]
fn a_campaign_can_only_have_a_quality_model_that_exists() {
    let (mut engine, mut outbox) = tenant();
    let draft = CampaignDraft {
        quality_model: 1,
        ..CampaignDraft::named("Ventas")
    };
    let settings = Box::new(draft.check(&Zones::bundled()).unwrap().0);
    let change = HostCommand::ChangeCampaign {
        campaign: CampaignId(1),
        settings,
    };
    let refused = host(&mut engine, &mut outbox, change.clone()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "quality_model is 1, expected 0 or the number of a quality model"
    );
    let added = host(
        &mut engine,
        &mut outbox,
        HostCommand::AddQualityModel(Box::new(model())),
    );
    assert_eq!(added, Ok(Receipt::Model(ModelId(1))));
    assert_eq!(host(&mut engine, &mut outbox, change), Ok(Receipt::Done));
}

#[test]
fn an_agents_part_of_a_chat_is_evaluated_once_per_model_version_and_evaluator() {
    let (mut engine, mut outbox) = tenant();
    for _ in 0..2 {
        host(
            &mut engine,
            &mut outbox,
            HostCommand::AddQualityModel(Box::new(model())),
        )
        .unwrap();
    }
    let chat = ChatId::new(0, 1);
    let mut evaluate = |by: u32, model: u32, answer: Option<u16>| {
        let ask = SupervisorCommand::Evaluate {
            chat,
            agent: AgentId(1),
            model: ModelId(model),
            answers: vec![answer],
        };
        handle(
            &mut engine,
            &mut outbox,
            Command::Supervisor {
                agent: AgentId(by),
                ask,
            },
        )
    };
    assert_eq!(
        evaluate(2, 1, Some(1)),
        Ok(Receipt::Score(Some(Score { points: 2, most: 2 })))
    );
    assert_eq!(evaluate(2, 1, Some(0)), Err(Rejection::AlreadySubmitted));
    assert_eq!(
        evaluate(1, 1, Some(0)),
        Ok(Receipt::Score(Some(Score { points: 0, most: 2 })))
    );
    assert_eq!(
        evaluate(2, 2, None),
        Ok(Receipt::Score(None)),
        "a mandatory answer is missing"
    );
    assert_eq!(evaluate(2, 3, None), Err(Rejection::UnknownModel(3)));
}
