//! Other people's chats, and what a visitor can find out.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_chat_of_someone_else_is_answered_like_one_that_does_not_exist() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let _agent = world.desk("ana").await;
    let (mut owner, _) = world.visitor(campaign, "es").await;
    let theirs = owner.ask(json!({"do": "start"})).await["chat"]["chat"]
        .as_str()
        .unwrap()
        .to_owned();
    let (mut stranger, _) = world.visitor(campaign, "es").await;
    let none = "4711-1";
    for request in [
        json!({"do": "write", "key": "k", "text": "x"}),
        json!({"do": "end"}),
        json!({"do": "feedback", "score": 5}),
        json!({"do": "transcript", "email": "x@evil.example"}),
        json!({"do": "typing", "on": true}),
        json!({"do": "seen", "read": 1}),
    ] {
        let mut answers = Vec::new();
        for chat in [theirs.as_str(), none] {
            let mut request = request.clone();
            request["chat"] = chat.into();
            let answer = stranger.outcome(request).await;
            answers.push(answer["error"].to_string().replace(chat, "?"));
        }
        assert_eq!(answers[0], answers[1], "{request}");
        assert!(answers[0].contains("unknown_chat"), "{answers:?}");
    }
    for path in [
        format!("/api/v1/chats/{theirs}/files/x"),
        format!("/api/v1/chats/{none}/files/x"),
    ] {
        let (_, token) = world.visitor(campaign, "es").await;
        let bearer = format!("Bearer {token}");
        let answer = world.get(&path, &[("authorization", &bearer)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    }
    owner
        .ask(json!({"do": "write", "chat": theirs, "key": "k", "text": "still mine"}))
        .await;
    world.stop().await;
}

#[tokio::test]
async fn a_token_opens_the_campaign_it_was_used_in_and_shows_nothing_elsewhere() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let sales = world.campaign(&[ana], |_| {}).await;
    let other = world
        .campaign(&[ana], |draft| draft.name = "Other".into())
        .await;
    let _agent = world.desk("ana").await;
    let (mut visitor, token) = world.visitor(sales, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "only for Sales"}))
        .await;
    let (_, elsewhere) = world.back(other, &token, 0).await;
    assert!(
        elsewhere["chat"].is_null() && elsewhere["ended"].is_null(),
        "{elsewhere}"
    );
    assert_eq!(elsewhere["messages"], json!([]));
    for altered in [
        token.to_uppercase(),
        token.to_lowercase(),
        format!("{token}="),
        token[..42].to_owned(),
    ] {
        let (_, hello) = world.back(sales, &altered, 0).await;
        assert!(hello["chat"].is_null(), "{altered}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_token_that_somebody_else_made_up_or_was_given_elsewhere_is_not_taken() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let sales = world.campaign(&[ana], |_| {}).await;
    let other = world
        .campaign(&[ana], |draft| draft.name = "Other".into())
        .await;
    let _agent = world.desk("ana").await;
    let (_, of_other) = world.visitor(other, "es").await;
    let zeros = "A".repeat(43);
    for planted in [zeros.as_str(), &of_other] {
        let mut victim = world.visit(sales).await;
        let hello = victim.ask(json!({"do": "hello", "token": planted})).await;
        assert_ne!(hello["token"], planted, "they get one of their own");
        victim.ask(json!({"do": "start"})).await;
        let (_, attacker) = world.back(sales, planted, 0).await;
        assert!(attacker["chat"].is_null(), "{attacker}");
        let own = hello["token"].as_str().unwrap();
        let (_, back) = world.back(sales, own, 0).await;
        assert!(back["chat"].is_object() && back["token"] == own, "{back}");
        victim.hang_up().await;
    }
    world.stop().await;
}

#[tokio::test]
async fn tokens_and_passwords_are_in_no_file() {
    let world = World::new().await;
    let ana = world.agent("ana").await;
    let campaign = world.campaign(&[ana], |_| {}).await;
    let login = world.sign_in("ana").await;
    let mut agent = world.work(&login).await;
    agent.ask(json!({"do": "hello"})).await;
    let (mut visitor, token) = world.visitor(campaign, "es").await;
    let chat = visitor.ask(json!({"do": "start"})).await["chat"]["chat"].clone();
    visitor
        .ask(json!({"do": "write", "chat": chat, "key": "k", "text": "a word that is kept"}))
        .await;
    let cookie = login.cookie.split('=').nth(1).unwrap();
    let mut seen = false;
    for entry in std::fs::read_dir(world.folder()).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let holds = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        seen |= holds("a word that is kept");
        for secret in [token.as_str(), cookie, crate::world::PASSWORD] {
            assert!(!holds(secret), "{secret} in {}", path.display());
        }
    }
    assert!(seen, "the files that were looked through hold the chat");
    world.stop().await;
}
