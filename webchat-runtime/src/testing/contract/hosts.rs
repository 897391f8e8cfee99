//! What every store of keys and endpoints does.

use std::collections::BTreeMap;
use std::sync::Arc;

use webchat_core::time::Timestamp;

use crate::hosts::{ApiKey, Attempt, DeadLetter, Endpoint, Hosts, Place, Progress};

/// Runs the suite; `fresh` makes an empty store.
///
/// # Panics
/// If the store does not keep the contract.
pub async fn hosts(fresh: impl AsyncFn() -> Arc<dyn Hosts>) {
    keys_are_found_by_hash_until_they_are_revoked(&*fresh().await).await;
    an_endpoint_moves_on_unless_people_changed_it(&*fresh().await).await;
}

async fn keys_are_found_by_hash_until_they_are_revoked(hosts: &dyn Hosts) {
    let mut key = ApiKey {
        id: 0,
        name: "PBX".into(),
        scopes: vec!["agents:write".into(), "campaigns:read".into()],
        hash: [7; 32],
        created: Timestamp::from_millis(5),
    };
    key.id = hosts.add_key(key.clone()).await.expect("a key is stored");
    assert_eq!(hosts.keys().await.expect("keys can be read"), [key.clone()]);
    let found = hosts.key([7; 32]).await.expect("keys can be read");
    assert_eq!(found, Some(key.clone()));
    assert!(hosts.remove_key(key.id).await.expect("it is revoked"));
    assert!(!hosts.remove_key(key.id).await.expect("it is gone"));
    let found = hosts.key([7; 32]).await.expect("keys can be read");
    assert_eq!(found, None);
}

async fn an_endpoint_moves_on_unless_people_changed_it(hosts: &dyn Hosts) {
    let mut endpoint = Endpoint {
        id: 0,
        url: "https://example.com/hook".into(),
        events: vec!["chat_closed".into()],
        enabled: true,
        secret: [1; 32],
        declared: true,
        progress: Progress {
            next: Place { frame: 3, event: 0 },
            ..Progress::default()
        },
        last: None,
    };
    let added = hosts.add_endpoint(endpoint.clone()).await;
    endpoint.id = added.expect("an endpoint is stored");
    let all = async || hosts.endpoints().await.expect("endpoints can be read");
    assert_eq!(all().await, [endpoint.clone()]);

    let place = Place { frame: 3, event: 0 };
    let dead = DeadLetter {
        endpoint: endpoint.id,
        place,
        kind: "chat_closed".into(),
        at: Timestamp::from_millis(9),
        error: "status 400".into(),
    };
    endpoint.progress.next = Place { frame: 3, event: 1 };
    let moved = hosts
        .advance(endpoint.id, endpoint.progress.clone(), Some(dead.clone()))
        .await;
    assert!(moved.expect("it moves on"));
    let buried = async || {
        let dead = hosts.dead_letters(endpoint.id, Place::default(), 10).await;
        dead.expect("dead letters can be read")
    };
    assert_eq!(buried().await, [dead]);
    let counted = hosts.count_dead_letters().await.expect("they are counted");
    assert_eq!(counted, BTreeMap::from([(endpoint.id, 1)]));
    let found = hosts.endpoint(endpoint.id).await;
    assert_eq!(found.expect("it can be read"), Some(endpoint.clone()));

    // Somebody sends it back to the beginning; the delivery that was under way says nothing about that.
    let attempt = Attempt {
        at: Timestamp::from_millis(9),
        outcome: "refused".into(),
    };
    let noted = hosts.tried(endpoint.id, attempt.clone()).await;
    noted.expect("an attempt is noted");
    let late = endpoint.progress.clone();
    endpoint.progress.next = Place::default();
    endpoint.events.clear();
    let changed = hosts.change_endpoint(endpoint.clone()).await;
    assert!(changed.expect("it is changed"));
    let moved = hosts.advance(endpoint.id, late, None).await;
    assert!(
        !moved.expect("it is seen"),
        "a late delivery moved the place"
    );
    endpoint.progress.turn = 1;
    endpoint.last = Some(attempt.clone());
    assert_eq!(all().await, [endpoint.clone()]);

    let forgotten = hosts.forget_dead_letter(endpoint.id, place).await;
    assert!(forgotten.expect("it is forgotten"));
    assert_eq!(buried().await, []);
    let counted = hosts.count_dead_letters().await.expect("they are counted");
    assert!(counted.is_empty(), "{counted:?}");
    let removed = hosts.remove_endpoint(endpoint.id).await;
    assert!(removed.expect("it is removed"));
    assert_eq!(all().await, []);
    let noted = hosts.tried(endpoint.id, attempt).await;
    noted.expect("an attempt at what is gone meanwhile is no failure");
    assert_eq!(all().await, []);
    let found = hosts.endpoint(endpoint.id).await;
    assert_eq!(found.expect("it can be read"), None);
}
