//! Conversations on their way to visitors who ask, and alarms on theirs to supervisors.

use std::sync::Arc;

use jiff::tz::TimeZone;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member, SupervisorCommand,
    VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::effect::Receipt;
use webchat_core::event::{Author, Message, SystemCode};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::mail::{Delivery, MailId, MailOutcome};
use webchat_core::schedule::{ScheduleDraft, Zones};
use webchat_core::time::Timestamp;
use webchat_core::transcript::Transcript;
use webchat_core::wording::Texts;
use webchat_mail::compose::{self, Conversation};
use webchat_mail::{Template, Templates};

use crate::inert::ATTEMPTS;
use crate::server::MailServer;
use crate::world::{Desk, World};

const VISITOR: VisitorKey = VisitorKey(7);

/// A campaign with one agent, who takes every chat and is called by an alias.
async fn staffed(desk: &Desk, edit: impl FnOnce(&mut CampaignDraft)) -> (CampaignId, AgentId) {
    let mut draft = CampaignDraft::named("Vendas & Cia");
    draft.schedule = ScheduleDraft {
        always: Some(true),
        zone: "America/Sao_Paulo".into(),
        ..ScheduleDraft::default()
    };
    draft.transcript_by_mail = true;
    draft.show_agent_name = false;
    draft.welcome = [("pt".to_owned(), "Bem-vindo!".to_owned())].into();
    draft.alias = [("pt".to_owned(), "Equipe".to_owned())].into();
    edit(&mut draft);
    let (settings, _) = draft.check(&Zones::bundled()).unwrap();
    let Receipt::Campaign(campaign) = desk.host(HostCommand::create_campaign(settings)).await
    else {
        panic!("no campaign");
    };
    let profile = AgentProfile {
        name: "Ana Secreta".into(),
        voice: false,
    };
    let Receipt::Agent(agent) = desk.host(HostCommand::CreateAgent(profile)).await else {
        panic!("no agent");
    };
    let members = vec![Member::plain(agent)];
    desk.host(HostCommand::SetMembers { campaign, members })
        .await;
    let ask = AgentCommand::SignIn { session: 1 };
    desk.submit(Command::Agent { agent, ask }).await;
    (campaign, agent)
}

async fn arrive(desk: &Desk, campaign: CampaignId, visitor: VisitorKey) -> ChatId {
    let request = ChatRequest {
        visitor,
        campaign,
        origin: None,
        language: Some("pt-br".parse().unwrap()),
        form: VisitorForm {
            name: Some("João Ñandú 🦊".into()),
            email: Some("joao@example.org".into()),
            ..VisitorForm::default()
        },
        identity: None,
        priority: 0,
        skills: Vec::new(),
    };
    let request = VisitorCommand::RequestChat(Box::new(request));
    match desk.submit(Command::Visitor(request)).await {
        Receipt::Chat(view) => view.chat,
        other => panic!("{other:?}"),
    }
}

async fn in_chat(desk: &Desk, chat: ChatId, ask: VisitorAsk) -> Receipt {
    let visitor = VISITOR;
    let command = VisitorCommand::InChat { visitor, chat, ask };
    desk.submit(Command::Visitor(command)).await
}

fn copy_to(email: Option<&str>) -> VisitorAsk {
    let email = email.map(str::to_owned);
    VisitorAsk::Transcript { email }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_arrives_whole_and_without_what_agents_said_among_themselves() {
    let mut server = MailServer::with(&[]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    let (campaign, agent) = staffed(&desk, |_| ()).await;
    let chat = arrive(&desk, campaign, VISITOR).await;
    let said = "Olá! Não consigo pagar 👢\n.\n<b>À vista?</b>";
    let ask = VisitorAsk::Write {
        key: "k".into(),
        text: said.into(),
    };
    in_chat(&desk, chat, ask).await;
    world.clock.advance(90_000);
    let agents = |ask| Command::Agent { agent, ask };
    desk.submit(agents(AgentCommand::Note {
        chat,
        key: None,
        text: "cliente difícil".into(),
    }))
    .await;
    desk.submit(Command::Supervisor {
        agent,
        ask: SupervisorCommand::Whisper {
            chat,
            key: None,
            text: "ofereça desconto".into(),
        },
    })
    .await;
    let receipt = in_chat(&desk, chat, copy_to(None)).await;
    assert!(matches!(receipt, Receipt::Transcript { at_end: true, .. }));
    // Written after the copy was asked for, and in it all the same.
    desk.submit(agents(AgentCommand::Write {
        chat,
        key: "a".into(),
        text: "Já resolvi.".into(),
    }))
    .await;
    desk.submit(agents(AgentCommand::Close {
        chat,
        disposition: None,
    }))
    .await;
    let mail = server.mail().await;
    assert_eq!(world.settled().await, Ok(MailId(1)));

    assert_eq!(mail.to, ["joao@example.org"]);
    assert_eq!(mail.header("To"), "joao@example.org");
    assert_eq!(mail.header("From"), "Webchat <webchat@example.com>");
    assert_eq!(mail.header("Subject"), "Sua conversa com Vendas & Cia");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        mail.header("Message-ID"),
        "<transcript.main.1.1790000090000@example.com>"
    );
    assert_eq!(mail.reply_to, []);
    assert_eq!(mail.encodings, ["base64", "base64"]);
    assert_eq!(mail.defects, Vec::<String>::new());
    let expected = "Esta é a sua conversa com Vendas & Cia de 2026-09-21 11:13:\n\n\
        2026-09-21 11:13  Vendas & Cia:\n    Bem-vindo!\n\n\
        2026-09-21 11:13  João Ñandú 🦊:\n    Olá! Não consigo pagar 👢\n    .\n    <b>À vista?</b>\n\n\
        2026-09-21 11:14  Equipe:\n    Já resolvi.\n\n\
        -- \nOs horários são os de America/Sao_Paulo.\n\
        Você recebe este e-mail porque alguém informou este endereço na janela de chat para guardar a conversa.\n";
    assert_eq!(mail.plain.replace("\r\n", "\n"), expected);
    let html = mail.html.unwrap();
    assert!(html.contains("<html lang=\"pt-br\">"), "{html}");
    assert!(
        html.contains("&lt;b&gt;À vista?&lt;/b&gt;") && !html.contains("<b>"),
        "{html}"
    );
    for hidden in ["Secreta", "difícil", "desconto"] {
        assert!(
            !mail.plain.contains(hidden) && !html.contains(hidden),
            "{hidden}"
        );
    }
    desk.stop().await;
    assert!(server.stop().await.is_empty(), "one mail for one request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_asked_for_while_the_mail_server_is_away_survives_our_restart() {
    let server = MailServer::with(&[]).await;
    let settings = server.settings();
    server.stop().await;
    let world = World::new();
    let desk = world.start(&settings).await;
    let (campaign, _) = staffed(&desk, |_| ()).await;
    let chat = arrive(&desk, campaign, VISITOR).await;
    in_chat(&desk, chat, VisitorAsk::Leave).await;
    in_chat(&desk, chat, copy_to(Some("outro@example.org"))).await;
    let (_, again) = world.settled().await.unwrap_err();
    assert!(again);
    desk.kill().await;

    let port = settings.port.unwrap().to_string();
    let mut server = MailServer::start(["--port", port.as_str()]).await;
    let desk = world.start(&settings).await;
    world.clock.advance(30_000);
    assert_eq!(world.settled().await, Ok(MailId(1)));
    let mail = server.mail().await;
    assert_eq!(mail.to, ["outro@example.org"]);
    assert!(mail.plain.contains("Bem-vindo!"));
    assert_eq!(desk.owed().await, []);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_to_nobody_is_given_up_and_visible() {
    let mut server = MailServer::with(&["550 5.1.1 no such user"]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    let (campaign, _) = staffed(&desk, |_| ()).await;
    let chat = arrive(&desk, campaign, VISITOR).await;
    in_chat(&desk, chat, VisitorAsk::Leave).await;
    in_chat(&desk, chat, copy_to(None)).await;
    assert_eq!(server.tried().await, "550 5.1.1 no such user");
    let (why, again) = world.settled().await.unwrap_err();
    assert!(why.contains("no such user") && !again, "{why}");
    assert_eq!(desk.owed().await[0].delivery, Delivery::Dead);
    desk.host(HostCommand::ResendMail { message: MailId(1) })
        .await;
    assert_eq!(world.settled().await, Ok(MailId(1)));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_anybody_wrote_is_more_than_text_in_a_transcript() {
    let mut server = MailServer::with(&[]).await;
    let mailer = server.settings().check().unwrap();
    let from = "Webchat <webchat@example.com>".parse().unwrap();
    for (number, nasty) in (1..).zip(ATTEMPTS) {
        let shared: Arc<str> = nasty.into();
        let at = Timestamp::from_seconds(1_790_000_000);
        let authors = [
            Author::Visitor,
            Author::Agent {
                agent: AgentId(1),
                shown_as: shared.clone(),
            },
            Author::Bot {
                name: shared.clone(),
            },
            Author::System {
                code: SystemCode::Welcome,
            },
        ];
        let messages = (1..).zip(authors).map(|(number, author)| Message {
            number,
            at,
            author,
            text: shared.clone(),
            key: None,
            automatic: false,
            file: None,
        });
        let conversation = Conversation {
            began: at,
            ended: None,
            visitor: Some(nasty.into()),
            messages: messages.collect(),
            shortened: false,
        };
        let transcript = Transcript {
            id: MailId(number),
            chat: ChatId::new(1, 1),
            campaign: CampaignId(1),
            visitor: VISITOR,
            at,
            address: "ana@example.org".into(),
            language: "es".parse().unwrap(),
        };
        let desk = compose::Desk {
            tenant: nasty.into(),
            campaign: nasty.into(),
            language: "es".parse().unwrap(),
            zone: TimeZone::UTC,
        };
        let own = Texts([(desk.language, shared.clone())].into());
        let own = Templates {
            transcript: Template {
                subject: own.clone(),
                opening: own,
            },
            ..Templates::default()
        };
        for templates in [Templates::default(), own] {
            let mail =
                compose::transcript(&transcript, &conversation, &desk, &from, &templates).unwrap();
            assert_eq!(mailer.send(mail).await, MailOutcome::Delivered, "{nasty:?}");
            let mail = server.mail().await;
            assert_eq!(mail.to, ["ana@example.org"], "{nasty:?}");
            let mut names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            let expected = [
                "Auto-Submitted",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To",
            ];
            assert_eq!(names, expected, "{nasty:?}");
            assert_eq!(mail.defects, Vec::<String>::new(), "{nasty:?}");
            let html = mail.html.unwrap();
            assert!(
                !html.contains("<script") && !html.contains("<img"),
                "{html}"
            );
        }
    }
    assert!(server.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_arrives_at_each_address_in_the_campaigns_language() {
    let mut server = MailServer::with(&[]).await;
    let world = World::new();
    let desk = world.start(&server.settings()).await;
    let (campaign, _) = staffed(&desk, |draft| {
        draft.default_language = "pt".into();
        draft.agent_cap = 1;
        draft.acd = 1;
        draft.notice_addresses = vec!["ana@example.com".into(), "luz@example.com".into()];
        draft.notice_cleared = true;
    })
    .await;
    arrive(&desk, campaign, VisitorKey(1)).await;
    let waiting = arrive(&desk, campaign, VISITOR).await;
    let mut to = Vec::new();
    for _ in 0..2 {
        let mail = server.mail().await;
        assert!(world.settled().await.is_ok());
        let subject = "Vendas & Cia: chats em espera: 1 (limite 1)";
        assert_eq!(mail.header("Subject"), subject);
        let expected = "Alarme da campanha Vendas & Cia: chats em espera: 1 (limite 1).\n\
            Desde: 2026-09-21 11:13 (America/Sao_Paulo)\n";
        assert_eq!(mail.plain.replace("\r\n", "\n"), expected);
        assert_eq!(mail.defects, Vec::<String>::new());
        to.extend(mail.to);
    }
    to.sort();
    assert_eq!(to, ["ana@example.com", "luz@example.com"]);
    in_chat(&desk, waiting, VisitorAsk::Leave).await;
    for _ in 0..2 {
        let subject = "Vendas & Cia: os chats em espera estão abaixo do limite";
        assert_eq!(server.mail().await.header("Subject"), subject);
        assert!(world.settled().await.is_ok());
    }
    desk.stop().await;
    assert!(server.stop().await.is_empty());
}
