//! Signing in through an OpenID Connect provider: a real one over sockets, which tells the truth or any of the lies that must
//! not be believed.

#![allow(clippy::unwrap_used)] // a test may fail

mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;
use webchat_http::{Provider, Roles, Settings, Strength};
use webchat_runtime::accounts::{Accounts, Role};
use world::{Answer, NOON, PASSWORD, World};

const PUBLIC: &str = "http://chat.example";
const BACK: &str = "http://chat.example/api/v1/session/provider/return";
const CLIENT: &str = "webchat";
const SECRET: &str = "the client's secret";

/// What a token says, and how it is signed.
struct Token {
    header: Value,
    claims: Value,
    signed_by: Signer,
}

/// What it is called, and how a token comes to tell it.
type Lie = (&'static str, fn(&mut Token));

#[derive(Clone, Copy)]
enum Signer {
    Provider,
    Stranger,
    /// HMAC with the client's secret.
    Secret,
    Nobody,
}

struct Keys {
    id: String,
    pair: EcdsaKeyPair,
}

impl Keys {
    fn new(id: &str) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random);
        Self {
            id: id.into(),
            pair: pair.unwrap(),
        }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": x, "y": y})
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let signed = self.pair.sign(&SystemRandom::new(), text.as_bytes());
        signed.unwrap().as_ref().to_vec()
    }
}

/// What the provider knows; tests change it.
struct Knows {
    keys: Keys,
    issuer: String,
    /// The browser's question by the code it was answered with.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    /// The next token.
    token: Option<Token>,
    /// How often it was asked for its keys.
    asked: u32,
}

struct Site {
    address: SocketAddr,
    knows: Arc<Mutex<Knows>>,
    task: JoinHandle<()>,
}

impl Site {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let knows = Arc::new(Mutex::new(Knows {
            keys: Keys::new("one"),
            issuer: format!("http://{address}"),
            codes: BTreeMap::new(),
            token: None,
            asked: 0,
        }));
        let known = knows.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (head, body) = read(&mut stream).await;
                let (status, answer) = known.lock().unwrap().answer(&head, &body);
                let answer = answer.to_string();
                let length = answer.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self {
            address,
            knows,
            task,
        }
    }

    fn provider(&self) -> Provider {
        let mut provider = Provider::at(format!("http://{}", self.address), CLIENT);
        provider.client_secret = Some(SECRET.into());
        provider.roles = Roles {
            claim: Some("realm_access.roles".into()),
            values: BTreeMap::from([
                ("chat-agents".to_owned(), Role::Agent),
                ("chat-admins".to_owned(), Role::Administrator),
            ]),
            otherwise: None,
        };
        provider
    }

    /// What a browser does there: signs in, and gets a code for the question in `url`.
    fn consent(&self, url: &str, token: impl FnOnce(&mut Token)) -> String {
        let url = Url::parse(url).unwrap();
        assert_eq!(url.path(), "/authorize");
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["redirect_uri"], BACK);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["scope"], "openid profile email");
        let mut knows = self.knows.lock().unwrap();
        let mut made = Token {
            header: json!({"alg": "ES256", "typ": "JWT", "kid": knows.keys.id}),
            claims: json!({
                "iss": knows.issuer, "aud": CLIENT, "sub": "s-1", "nonce": asked["nonce"],
                "iat": NOON, "exp": NOON + 300, "preferred_username": "eva", "name": "Eva Luna",
                "realm_access": {"roles": ["offline", "chat-agents"]},
            }),
            signed_by: Signer::Provider,
        };
        token(&mut made);
        knows.token = Some(made);
        let code = format!("code-{}", knows.codes.len());
        knows.codes.insert(code.clone(), asked);
        code
    }
}

impl Knows {
    fn answer(&mut self, head: &str, body: &str) -> (u16, Value) {
        let path = head.split(' ').nth(1).unwrap();
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": self.issuer,
                    "authorization_endpoint": format!("{}/authorize", self.issuer),
                    "token_endpoint": format!("{}/token", self.issuer),
                    "jwks_uri": format!("{}/keys", self.issuer),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
                }),
            ),
            "/keys" => {
                self.asked += 1;
                (200, json!({"keys": [self.keys.public()]}))
            }
            "/token" => self.exchange(head, body),
            other => panic!("asked for {other}"),
        }
    }

    /// Takes a code once, from whom it was made for, with the verifier that fits.
    fn exchange(&mut self, head: &str, body: &str) -> (u16, Value) {
        let who = STANDARD.encode(format!(
            "{CLIENT}:{}",
            SECRET.replace('\'', "%27").replace(' ', "+")
        ));
        let who = format!("authorization: Basic {who}");
        assert!(
            head.lines().any(|line| line.eq_ignore_ascii_case(&who)),
            "{head}"
        );
        let fields: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(fields["grant_type"], "authorization_code");
        assert_eq!(fields["redirect_uri"], BACK);
        let Some(asked) = self.codes.remove(&fields["code"]) else {
            return (400, json!({"error": "invalid_grant"}));
        };
        let hash = Sha256::digest(&fields["code_verifier"]);
        assert_eq!(URL_SAFE_NO_PAD.encode(hash), asked["code_challenge"]);
        let token = self.token.take().unwrap();
        let parts =
            [token.header, token.claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let text = parts.join(".");
        let signature = match token.signed_by {
            Signer::Provider => self.keys.sign(&text),
            Signer::Stranger => Keys::new("one").sign(&text),
            Signer::Secret => {
                let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
                mac.update(text.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Signer::Nobody => Vec::new(),
        };
        let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
        (
            200,
            json!({"access_token": "x", "token_type": "Bearer", "id_token": token}),
        )
    }
}

async fn read(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return (head.to_owned(), body.to_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return (String::from("GET /none HTTP/1.1"), String::new());
        }
    }
}

struct Scene {
    world: World,
    site: Site,
}

/// A sign-in under way, as the browser has it.
struct Half {
    cookie: String,
    url: String,
    state: String,
}

impl Scene {
    async fn new(change: impl FnOnce(&mut Provider)) -> Self {
        let site = Site::new().await;
        let mut provider = site.provider();
        change(&mut provider);
        let settings = Settings {
            public_url: Some(Url::parse(PUBLIC).unwrap()),
            provider: Some(provider),
            ..Settings::default()
        };
        let world = World::with(settings).await;
        Self { world, site }
    }

    async fn begin(&self) -> Half {
        self.begin_with("", &[]).await
    }

    async fn begin_with(&self, query: &str, fields: &[(&str, &str)]) -> Half {
        let path = format!("/api/v1/session/provider{query}");
        let answer = self.world.call("POST", &path, fields, None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let url = answer.json()["url"].as_str().unwrap().to_owned();
        let parsed = Url::parse(&url).unwrap();
        let state = parsed.query_pairs().find(|(name, _)| name == "state");
        Half {
            cookie: answer.cookie("webchat_sign_in").unwrap().to_owned(),
            state: state.unwrap().1.into_owned(),
            url,
        }
    }

    async fn come_back(&self, half: &Half, code: &str) -> Answer {
        let path = format!(
            "/api/v1/session/provider/return?state={}&code={code}",
            half.state
        );
        let cookie = format!("webchat_sign_in={}", half.cookie);
        self.world.get(&path, &[("cookie", &cookie)]).await
    }

    /// A whole sign-in with a token as `change` leaves it.
    async fn sign_in(&self, change: impl FnOnce(&mut Token)) -> Answer {
        let half = self.begin().await;
        let code = self.site.consent(&half.url, change);
        let answer = self.come_back(&half, &code).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        // The browser's half is of no use any more.
        assert_eq!(answer.cookie("webchat_sign_in"), Some(""));
        answer
    }

    /// Who is signed in after a return.
    async fn who(&self, answer: &Answer) -> Value {
        assert_eq!(answer.header("location"), Some("/console/"), "{answer:?}");
        let cookie = format!(
            "webchat_session={}",
            answer.cookie("webchat_session").unwrap()
        );
        let answer = self
            .world
            .get("/api/v1/session", &[("cookie", &cookie)])
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["user"].clone()
    }

    async fn stop(self) {
        self.site.task.abort();
        self.world.stop().await;
    }
}

/// Why a return signed nobody in.
fn why(answer: &Answer) -> &str {
    assert_eq!(answer.cookie("webchat_session"), None, "{answer:?}");
    answer
        .header("location")
        .unwrap()
        .strip_prefix("/console/?refused=")
        .unwrap()
}

#[tokio::test]
async fn who_comes_through_the_provider_is_the_same_user_whatever_they_are_called() {
    let scene = Scene::new(|_| {}).await;
    let ways = scene.world.get("/api/v1/session/ways", &[]).await.json();
    assert_eq!(
        ways,
        json!({"password": true, "provider": "single sign-on"})
    );

    let first = scene.sign_in(|_| {}).await;
    let eva = scene.who(&first).await;
    assert_eq!(
        (&eva["login"], &eva["name"], &eva["role"], &eva["agent"]),
        (
            &json!("eva"),
            &json!("Eva Luna"),
            &json!("agent"),
            &json!(1)
        )
    );
    // Another name, and more to do: the same user.
    let later = scene
        .sign_in(|token| {
            token.claims["preferred_username"] = json!("eva.luna");
            token.claims["realm_access"]["roles"] = json!(["chat-agents", "chat-admins"]);
        })
        .await;
    let risen = scene.who(&later).await;
    assert_eq!(
        (&risen["id"], &risen["role"]),
        (&eva["id"], &json!("administrator"))
    );
    // The session of the role before is over.
    let cookie = format!(
        "webchat_session={}",
        first.cookie("webchat_session").unwrap()
    );
    assert_eq!(
        scene
            .world
            .get("/api/v1/session", &[("cookie", &cookie)])
            .await
            .status,
        401
    );

    // Somebody else who took over the name gets nothing of hers.
    let other = scene
        .sign_in(|token| token.claims["sub"] = json!("s-2"))
        .await;
    assert_eq!(why(&other), "login_taken");
    let nobody = scene
        .sign_in(|token| token.claims["realm_access"] = json!({}))
        .await;
    assert_eq!(why(&nobody), "no_role");
    let last = scene.sign_in(|_| {}).await;
    assert_eq!(why(&last), "last_administrator");

    scene.world.user("root", Role::Administrator).await;
    let mut account = scene.world.store.by_login("eva").await.unwrap().unwrap();
    account.profile.disabled = true;
    scene.world.store.update(account).await.unwrap();
    let disabled = scene.sign_in(|_| {}).await;
    assert_eq!(why(&disabled), "user_disabled");
    scene.stop().await;
}

#[tokio::test]
async fn a_user_who_was_here_before_is_linked_only_where_logins_can_be_trusted() {
    let scene = Scene::new(|provider| provider.link_logins = true).await;
    let known = scene.world.user("Eva", Role::Agent).await;
    let eva = scene.sign_in(|_| {}).await;
    assert_eq!(scene.who(&eva).await["id"], known.id.0);
    // From now on the subject counts.
    let renamed = scene
        .sign_in(|token| token.claims["preferred_username"] = json!("x"))
        .await;
    assert_eq!(scene.who(&renamed).await["id"], known.id.0);
    scene.stop().await;
}

#[tokio::test]
async fn roles_given_here_stay_and_without_a_claim_for_them_strangers_become_what_the_operator_says()
 {
    let scene = Scene::new(|provider| {
        provider.roles = Roles {
            otherwise: Some(Role::Supervisor),
            ..Roles::default()
        };
    })
    .await;
    let eva = scene.sign_in(|_| {}).await;
    let eva = scene.who(&eva).await;
    assert_eq!(eva["role"], "supervisor");
    let mut account = scene.world.store.by_login("eva").await.unwrap().unwrap();
    account.profile.role = Role::Agent;
    scene.world.store.update(account).await.unwrap();
    let again = scene.sign_in(|_| {}).await;
    assert_eq!(scene.who(&again).await["role"], "agent");
    // A name that cannot be a login gives way to the subject.
    let blank = scene.sign_in(|token| {
        token.claims["sub"] = json!("s-9");
        token.claims["preferred_username"] = json!("two words");
    });
    assert_eq!(scene.who(&blank.await).await["login"], "s-9");
    scene.stop().await;
}

#[tokio::test]
async fn no_token_is_believed_that_is_not_the_providers_for_us_for_this_sign_in_and_for_now() {
    let scene = Scene::new(|_| {}).await;
    let lies: [Lie; 13] = [
        ("issuer", |token| {
            token.claims["iss"] = json!("http://evil.example")
        }),
        ("audience", |token| token.claims["aud"] = json!("another")),
        ("more audiences", |token| {
            token.claims["aud"] = json!([CLIENT, "another"])
        }),
        ("party", |token| token.claims["azp"] = json!("another")),
        ("nonce", |token| {
            token.claims["nonce"] = json!("of another sign-in")
        }),
        ("no nonce", |token| {
            drop(token.claims.as_object_mut().unwrap().remove("nonce"))
        }),
        ("expired", |token| token.claims["exp"] = json!(NOON - 61)),
        ("issued later", |token| {
            token.claims["iat"] = json!(NOON + 61)
        }),
        ("not yet good", |token| {
            token.claims["nbf"] = json!(NOON + 61)
        }),
        ("signature", |token| token.signed_by = Signer::Stranger),
        ("no signature", |token| {
            token.header = json!({"alg": "none", "typ": "JWT"});
            token.signed_by = Signer::Nobody;
        }),
        ("shared secret", |token| {
            token.header = json!({"alg": "HS256", "typ": "JWT"});
            token.signed_by = Signer::Secret;
        }),
        ("unknown key", |token| token.header["kid"] = json!("two")),
    ];
    for (lie, tell) in lies {
        let answer = scene.sign_in(tell).await;
        assert_eq!(why(&answer), "invalid_token", "{lie}");
    }
    for missing in ["sub", "exp", "iat", "aud", "iss"] {
        let answer =
            scene.sign_in(|token| drop(token.claims.as_object_mut().unwrap().remove(missing)));
        let answer = answer.await;
        assert!(
            matches!(why(&answer), "invalid_token" | "provider_unavailable"),
            "{missing}"
        );
    }
    let users = scene.world.store.list().await.unwrap();
    assert!(users.is_empty(), "{users:?}");
    // Clocks differ a little.
    let skewed = scene.sign_in(|token| {
        token.claims["exp"] = json!(NOON - 59);
        token.claims["iat"] = json!(NOON + 59);
    });
    scene.who(&skewed.await).await;
    scene.stop().await;
}

#[tokio::test]
async fn a_return_is_good_once_in_the_browser_that_began_and_for_ten_minutes() {
    let scene = Scene::new(|_| {}).await;
    let half = scene.begin().await;
    let code = scene.site.consent(&half.url, |_| {});
    scene.who(&scene.come_back(&half, &code).await).await;
    // The same again, as if somebody had seen it go by.
    let replayed = scene
        .come_back(&half, &scene.site.consent(&half.url, |_| {}))
        .await;
    assert_eq!(why(&replayed), "sign_in_over");

    // A victim is sent back with a sign-in that somebody else began.
    let (theirs, mine) = (scene.begin().await, scene.begin().await);
    let code = scene.site.consent(&theirs.url, |_| {});
    let mixed = Half {
        cookie: mine.cookie.clone(),
        url: String::new(),
        state: theirs.state,
    };
    assert_eq!(why(&scene.come_back(&mixed, &code).await), "sign_in_over");
    let path = format!(
        "/api/v1/session/provider/return?state={}&code={code}",
        mine.state
    );
    assert_eq!(why(&scene.world.get(&path, &[]).await), "sign_in_over");
    let none = scene
        .world
        .get("/api/v1/session/provider/return", &[])
        .await;
    assert_eq!(why(&none), "sign_in_over");

    let late = scene.begin().await;
    let code = scene.site.consent(&late.url, |_| {});
    scene.world.clock.advance(600_001);
    assert_eq!(why(&scene.come_back(&late, &code).await), "sign_in_over");

    // The person said no, and a code that the provider does not know.
    let refused = scene.begin().await;
    let path = format!(
        "/api/v1/session/provider/return?state={}&error=access_denied",
        refused.state
    );
    let cookie = format!("webchat_sign_in={}", refused.cookie);
    let refused = scene.world.get(&path, &[("cookie", &cookie)]).await;
    assert_eq!(why(&refused), "provider_refused");
    let guessed = scene.begin().await;
    assert_eq!(
        why(&scene.come_back(&guessed, "code-77").await),
        "provider_refused"
    );
    // Nor does a page of another site begin one.
    let fields = [("origin", "http://evil.example")];
    let foreign = scene
        .world
        .call("POST", "/api/v1/session/provider", &fields, None)
        .await;
    assert_eq!(foreign.status, 403);
    scene.stop().await;
}

#[tokio::test]
async fn the_provider_may_change_its_keys_at_any_time() {
    let scene = Scene::new(|_| {}).await;
    scene.who(&scene.sign_in(|_| {}).await).await;
    let half = scene.begin().await;
    scene.site.knows.lock().unwrap().keys = Keys::new("two");
    scene.world.clock.advance(11_000);
    let code = scene.site.consent(&half.url, |_| {});
    scene.who(&scene.come_back(&half, &code).await).await;
    assert_eq!(scene.site.knows.lock().unwrap().asked, 2);
    scene.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_down_or_another_is_told_and_passwords_go_on() {
    let scene = Scene::new(|_| {}).await;
    scene.world.user("ana", Role::Agent).await;
    let half = scene.begin().await;
    let issuer = scene.site.knows.lock().unwrap().issuer.clone();
    scene.site.knows.lock().unwrap().issuer = "http://evil.example".into();
    scene.world.clock.advance(300_001);
    let begin = async || {
        scene
            .world
            .call("POST", "/api/v1/session/provider", &[], None)
            .await
    };
    let another = begin().await;
    assert_eq!(
        (another.status, another.code().as_str()),
        (503, "provider_unavailable")
    );
    scene.site.knows.lock().unwrap().issuer = issuer;
    let code = scene.site.consent(&half.url, |_| {});

    scene.site.task.abort();
    while TcpStream::connect(scene.site.address).await.is_ok() {}
    let down = begin().await;
    assert_eq!(
        (down.status, down.code().as_str()),
        (503, "provider_unavailable")
    );
    assert_eq!(
        why(&scene.come_back(&half, &code).await),
        "provider_unavailable"
    );
    scene.world.sign_in("ana").await;
    scene.stop().await;
}

#[tokio::test]
async fn passwords_can_be_switched_off() {
    let scene = Scene::new(|provider| provider.passwords = false).await;
    scene.world.user("ana", Role::Agent).await;
    let ways = scene.world.get("/api/v1/session/ways", &[]).await.json();
    assert_eq!(ways["password"], false);
    let body = json!({"login": "ana", "password": PASSWORD});
    let answer = scene
        .world
        .call("POST", "/api/v1/session", &[], Some(body))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "passwords_off")
    );
    scene.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_is_too_weak_or_too_long_ago_lets_nobody_in() {
    let scene = Scene::new(|provider| {
        provider.strength = Strength {
            acr: vec!["gold".into(), "silver".into()],
            amr: vec!["mfa".into()],
            max_age: Some(Duration::from_secs(3_600)),
        };
    })
    .await;
    let url = Url::parse(&scene.begin().await.url).unwrap();
    let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(
        (&*asked["acr_values"], &*asked["max_age"]),
        ("gold silver", "3600")
    );
    let strong = |token: &mut Token| {
        token.claims["acr"] = json!("silver");
        token.claims["amr"] = json!(["pwd", "mfa"]);
        token.claims["auth_time"] = json!(NOON - 3_600);
    };
    let weak: [Lie; 6] = [
        ("another acr", |token| token.claims["acr"] = json!("bronze")),
        ("acr that holds it", |token| {
            token.claims["acr"] = json!("silver gold")
        }),
        ("no acr", |token| {
            drop(token.claims.as_object_mut().unwrap().remove("acr"))
        }),
        ("another method", |token| {
            token.claims["amr"] = json!(["pwd"])
        }),
        ("long ago", |token| {
            token.claims["auth_time"] = json!(NOON - 3_661)
        }),
        ("at no time", |token| {
            drop(token.claims.as_object_mut().unwrap().remove("auth_time"))
        }),
    ];
    for (what, weaken) in weak {
        let answer = scene
            .sign_in(|token| {
                strong(token);
                weaken(token);
            })
            .await;
        assert_eq!(why(&answer), "too_weak", "{what}");
    }
    assert!(scene.world.store.list().await.unwrap().is_empty());
    scene.who(&scene.sign_in(strong).await).await;
    scene.stop().await;
}

#[tokio::test]
async fn users_of_the_provider_show_there_again_who_they_are() {
    let scene = Scene::new(|_| {}).await;
    let admin = |token: &mut Token| {
        token.claims["realm_access"]["roles"] = json!(["chat-admins"]);
    };
    let answer = scene.sign_in(admin).await;
    let cookie = |answer: &Answer| {
        let cookie = answer.cookie("webchat_session").unwrap();
        format!("webchat_session={cookie}")
    };
    let first = cookie(&answer);
    let session = scene
        .world
        .get("/api/v1/session", &[("cookie", &first)])
        .await;
    let session = session.json();
    assert_eq!(session["password"], false, "she has none");
    let csrf = session["csrf"].as_str().unwrap().to_owned();
    let key = async |cookie: &str| {
        let fields = [("cookie", cookie), ("x-csrf-token", &csrf)];
        let key = json!({"name": "Program", "scopes": ["users:read"]});
        scene
            .world
            .call("POST", "/api/v1/keys", &fields, Some(key))
            .await
            .status
    };
    // The provider may have let her in without a question.
    assert_eq!(key(&first).await, 403);

    let again = async |change: fn(&mut Token)| {
        let half = scene.begin_with("?again=true", &[("cookie", &first)]).await;
        let url = Url::parse(&half.url).unwrap();
        let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!((&*asked["prompt"], &*asked["max_age"]), ("login", "0"));
        let code = scene.site.consent(&half.url, |token| {
            admin(token);
            token.claims["auth_time"] = json!(NOON);
            change(token);
        });
        scene.come_back(&half, &code).await
    };
    let silent = again(|token| token.claims["auth_time"] = json!(NOON - 61)).await;
    assert_eq!(why(&silent), "too_weak", "it did not ask her");
    let untold = again(|token| drop(token.claims.as_object_mut().unwrap().remove("auth_time")));
    assert_eq!(why(&untold.await), "too_weak");
    let other = again(|token| {
        token.claims["sub"] = json!("s-2");
        token.claims["preferred_username"] = json!("ida");
    });
    assert_eq!(why(&other.await), "somebody_else");
    assert_eq!(key(&first).await, 403);

    let shown = again(|_| {}).await;
    let anew = cookie(&shown);
    assert_ne!(anew, first);
    assert_eq!(key(&first).await, 401, "the token before is worth nothing");
    assert_eq!(key(&anew).await, 201);
    let stranger = scene
        .world
        .call("POST", "/api/v1/session/provider?again=true", &[], None)
        .await;
    assert_eq!(stranger.status, 401);

    // Where the provider says that she just signed in, once is enough.
    let fresh = scene
        .sign_in(|token| {
            admin(token);
            token.claims["auth_time"] = json!(NOON);
        })
        .await;
    let fresh = cookie(&fresh);
    let session = scene
        .world
        .get("/api/v1/session", &[("cookie", &fresh)])
        .await
        .json();
    let fields = [
        ("cookie", fresh.as_str()),
        ("x-csrf-token", session["csrf"].as_str().unwrap()),
    ];
    let ended = scene
        .world
        .call("DELETE", "/api/v1/sessions", &fields, None)
        .await;
    assert_eq!(ended.status, 204, "{ended:?}");
    scene.stop().await;
}
