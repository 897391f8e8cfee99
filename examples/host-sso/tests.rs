//! A morning at the company, over real connections: from the first page to a chat whose agent knows who writes.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use webchat_examples::PATIENCE;
use webchat_examples::line::{Frame, Line};
use webchat_examples::site::Pass;

use super::*;

/// The company's pages as a browser with its cookie asks for them: status line with fields, and body.
async fn ask(company: Site, ask: Ask<'_>, cookie: &str) -> (String, String) {
    let browser = Pass {
        login: String::new(),
        cookie: format!("company={cookie}"),
        csrf: String::new(),
        agent: 0,
    };
    company.exchange(ask.by(&browser)).await.unwrap()
}

/// What the page sets the attribute to.
fn attribute<'a>(page: &'a str, name: &str) -> &'a str {
    let rest = page.split_once(&format!("{name}=\"")).unwrap().1;
    rest.split_once('"').unwrap().0
}

#[tokio::test]
async fn staff_customers_and_telephones_of_the_company_are_known_to_the_chat() {
    let folder = tempfile::tempdir().unwrap();
    let webchat = serve::Webchat::start(folder.path(), "127.0.0.1:0")
        .await
        .unwrap();
    let (gate, chat) = (webchat.gate.clone(), webchat.site);
    let company = Company::open(gate.clone(), chat).await.unwrap();
    let key = company.key.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = Site::at(listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let over = stop.clone().cancelled_owned();
    let serving = tokio::spawn(serve::company(company, listener, over));

    // Who is not signed in at the company is not at the console; Eva is, without another password.
    let (head, _) = ask(site, Ask::get("/desk"), "nobody").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    let (head, _) = ask(site, Ask::get("/desk"), "eva-is-in").await;
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let eva = chat.signed_in(cookie).await.unwrap();
    assert_eq!(eva.login, "eva.luna");
    let (mut desk, hello) = Line::desk(chat, &eva).await.unwrap();
    assert_eq!(hello["me"]["name"], "Eva Luna");

    // On the telephone she gets no chat, although one waits.
    let (head, _) = ask(site, Ask::put("/telephones/211/true", &json!({})), "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let (_, page) = ask(site, Ask::get("/shop"), "rosa-is-in").await;
    let rosa = json!({
        "id": attribute(&page, "data-visitor"), "name": attribute(&page, "data-name"),
        "email": attribute(&page, "data-email"), "expires": attribute(&page, "data-expires").parse::<i64>().unwrap(),
        "signature": attribute(&page, "data-signature"),
    });
    let path = format!(
        "/api/v1/visitor?campaign={}",
        attribute(&page, "data-campaign")
    );
    let fields = [("origin", format!("http://{}", site.address))];
    let mut window = Line::dial(chat, &path, &fields).await.unwrap();
    let hello = json!({"do": "hello", "token": null, "language": "es", "seen": 0});
    window.hello(hello).await.unwrap();
    let mut forged = rosa.clone();
    forged["id"] = "4712".into();
    let start = |identity: Value| json!({"do": "start", "identity": identity});
    let answer = window.answer(start(forged)).await.unwrap();
    assert_eq!(answer.unwrap_err(), "invalid_signature");
    let answer = window.answer(start(rosa)).await.unwrap().unwrap();
    assert_eq!(answer["chat"]["phase"], "waiting", "{answer}");

    // She hangs up, and has the chat with who it is.
    ask(site, Ask::put("/telephones/211/false", &json!({})), "").await;
    let view = async {
        loop {
            if let Frame::Push(push) = desk.frame().await.unwrap()
                && push["view"]["phase"]["kind"] == "active"
            {
                return push["view"].clone();
            }
        }
    };
    let view = timeout(PATIENCE, view).await.unwrap();
    let visitor = &view["visitor"];
    assert_eq!(
        (&visitor["identity"], &visitor["name"]),
        (&json!("4711"), &json!("Rosa Paz"))
    );

    // The telephones' key opens nothing else, and a stranger's extension nothing at all.
    let refused = chat
        .exchange(Ask::get("/api/v1/users").with_key(&key))
        .await
        .unwrap();
    assert!(refused.0.starts_with("HTTP/1.1 403"), "{}", refused.0);
    let (head, _) = ask(site, Ask::put("/telephones/999/true", &json!({})), "").await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");

    // Promoted at the company: the same user with another role, and the session of before is over.
    let promoted = person(("", "211", "Eva Luna", Role::Supervisor));
    let before = gate.account(&person(STAFF[1])).await.unwrap();
    let after = gate.account(&promoted).await.unwrap();
    assert_eq!(
        (after.id, after.profile.role, after.profile.agent),
        (before.id, Role::Supervisor, before.profile.agent)
    );
    assert!(chat.signed_in(cookie).await.is_err());
    // Nobody becomes somebody else by a name, and no login is made up.
    let mut other = person(("", "212", "Eva Luna", Role::Administrator));
    assert_eq!(
        gate.account(&other).await.unwrap_err().code(),
        "login_taken"
    );
    other.login = "eva luna".into();
    assert_eq!(
        gate.account(&other).await.unwrap_err().code(),
        "invalid_field"
    );
    let down = person(("", "200", "Ada Mar", Role::Agent));
    assert_eq!(
        gate.account(&down).await.unwrap_err().code(),
        "last_administrator"
    );

    stop.cancel();
    timeout(PATIENCE, serving).await.unwrap().unwrap();
    timeout(PATIENCE + Duration::from_secs(1), webchat.stop())
        .await
        .unwrap()
        .unwrap();
}
