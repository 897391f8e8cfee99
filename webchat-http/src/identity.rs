//! Who a visitor is, in the word of the site that carries the window: signed with a secret that only the
//! site's server and this one know. See `docs/identity.md`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use webchat_core::field;
use webchat_core::id::CampaignId;
use webchat_core::time::Timestamp;

use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::refused::{Refused, json};
use crate::session;

/// What a site says of a visitor.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub(crate) struct Claim {
    /// The visitor in the site's own numbering.
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// Seconds since 1970 UTC from which on the claim is void.
    expires: i64,
    /// HMAC-SHA256 in hexadecimal, in any case.
    signature: String,
}

impl Claim {
    /// What is signed: four lines, empty where something is not said.
    fn signed_text(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        let email = self.email.as_deref().unwrap_or_default();
        format!("{}\n{}\n{name}\n{email}", self.expires, self.id)
    }

    /// Whether the holder of `secret` said this, for now.
    ///
    /// # Errors
    /// `invalid_signature`, `identity_expired`, or a field that could be read as two.
    pub(crate) fn check(&self, secret: &[u8; 32], now: Timestamp) -> Result<(), Refused> {
        let invalid = || Refused::new("invalid_signature", "the signature does not fit");
        let given = decode_hex(&self.signature).ok_or_else(invalid)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret_text(secret).as_bytes())
            .map_err(|_| invalid())?;
        mac.update(self.signed_text().as_bytes());
        // Compares in constant time.
        mac.verify_slice(&given).map_err(|_| invalid())?;
        let said = [self.name.as_deref(), self.email.as_deref()];
        if said
            .into_iter()
            .flatten()
            .any(|line| line.contains(['\n', '\r']))
        {
            return Err(invalid());
        }
        field::identity(&self.id).map_err(Refused::field)?;
        let left = self
            .expires
            .saturating_sub(now.as_millis().div_euclid(1_000));
        match left {
            1..=limits::IDENTITY_SECONDS => Ok(()),
            _ => Err(Refused::new(
                "identity_expired",
                format!(
                    "expires is {left} s from now, expected 1 to {}",
                    limits::IDENTITY_SECONDS
                ),
            )),
        }
    }
}

/// Checks a claim against the campaign's secret.
pub(crate) async fn verify(app: &App, campaign: CampaignId, claim: &Claim) -> Result<(), Refused> {
    let secret = app.accounts().find_secret(&name(campaign)).await?;
    let off = || Refused::new("identity_off", "this campaign has no secret for identities");
    claim.check(&secret.ok_or_else(off)?, app.now())
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "IdentitySet")]
struct Set {
    set: bool,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "IdentitySecret")]
struct Shown {
    /// Shown this once.
    secret: String,
}

/// `/api/v1/campaigns/{id}/identity`: whether there is a secret, a new one, none.
pub(crate) async fn secret(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    let what = match call.method {
        Method::GET => "GET /api/v1/campaigns/{id}/identity",
        Method::POST => "POST /api/v1/campaigns/{id}/identity",
        Method::DELETE => "DELETE /api/v1/campaigns/{id}/identity",
        _ => return Err(Refused::method_not_allowed()),
    };
    session::require(app, call, what).await?;
    let known = app.query(move |engine, _| engine.view().campaign(campaign).is_some());
    if !known.await? {
        return Err(Refused::unknown_campaign(campaign));
    }
    let name = name(campaign);
    match call.method {
        Method::POST => {
            let secret = app.accounts().replace_secret(&name).await?;
            let secret = secret_text(&secret);
            Ok(json(StatusCode::CREATED, &Shown { secret }))
        }
        Method::DELETE => {
            app.accounts().forget_secret(&name).await?;
            Ok(json(StatusCode::OK, &Set { set: false }))
        }
        _ => {
            let set = app.accounts().find_secret(&name).await?.is_some();
            Ok(json(StatusCode::OK, &Set { set }))
        }
    }
}

fn name(campaign: CampaignId) -> String {
    format!("identity-{campaign}")
}

/// The secret as the site's server has it; these very characters are the key.
fn secret_text(secret: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty() && digits.len() == 64;
    whole.then(|| pairs.map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// The secret of a campaign.
pub(crate) fn describe(api: &mut Api) {
    const ROUTE: &str = "GET /api/v1/campaigns/{id}/identity";
    api.route(
        ROUTE,
        "Whether there is a secret with which a site signs who its visitors are",
    )
    .answers::<Set>(200);
    api.route(
        "POST /api/v1/campaigns/{id}/identity",
        "Makes a new one; the one before is void",
    )
    .answers::<Shown>(201);
    api.route("DELETE /api/v1/campaigns/{id}/identity", "Forgets it")
        .answers::<Set>(200);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];
    const NOW: i64 = 1_790_000_000;

    fn claim() -> Claim {
        // python3 -c "import hmac; print(hmac.new(SECRET, b'1790000300\n42\nEva\neva@mail.example', 'sha256').hexdigest())"
        let mut claim = Claim {
            id: "42".to_owned(),
            name: Some("Eva".to_owned()),
            email: Some("eva@mail.example".to_owned()),
            expires: NOW + 300,
            signature: String::new(),
        };
        claim.signature = sign(&claim);
        claim
    }

    fn sign(claim: &Claim) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret_text(&SECRET).as_bytes()).unwrap();
        mac.update(claim.signed_text().as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn code(claim: &Claim, now: i64) -> &'static str {
        match claim.check(&SECRET, Timestamp::from_seconds(now)) {
            Ok(()) => "good",
            Err(refused) => refused.code(),
        }
    }

    #[test]
    fn a_site_in_another_language_comes_to_the_same_signature() {
        assert_eq!(
            secret_text(&SECRET),
            "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
        );
        assert_eq!(
            claim().signature,
            "c141e4cb6a7d452c2b1f7e1f0097d828fd195f67da62c8967137d8a41418ccca"
        );
    }

    #[test]
    fn only_what_was_signed_counts_and_only_until_it_expires() {
        assert_eq!(code(&claim(), NOW), "good");
        assert_eq!(code(&claim(), NOW + 299), "good");
        assert_eq!(code(&claim(), NOW + 300), "identity_expired");
        let far = Claim {
            expires: NOW + limits::IDENTITY_SECONDS + 1,
            ..claim()
        };
        let signature = sign(&far);
        assert_eq!(code(&Claim { signature, ..far }, NOW), "identity_expired");
        let changes: [fn(&mut Claim); 8] = [
            |claim| claim.id = "43".to_owned(),
            |claim| claim.name = Some("Ana".to_owned()),
            |claim| claim.name = None,
            |claim| claim.email = Some("ana@mail.example".to_owned()),
            |claim| claim.expires += 1,
            |claim| claim.signature.truncate(62),
            |claim| claim.signature = "0".repeat(64),
            |claim| claim.signature = "é".repeat(64),
        ];
        for change in changes {
            let mut changed = claim();
            change(&mut changed);
            assert_eq!(
                code(&changed, NOW),
                "invalid_signature",
                "{}",
                changed.signed_text()
            );
        }
        let upper = claim().signature.to_uppercase();
        let upper = Claim {
            signature: upper,
            ..claim()
        };
        assert_eq!(code(&upper, NOW), "good");
    }

    #[test]
    fn no_field_can_pass_for_two() {
        let mut split = Claim {
            id: "42\nEva".to_owned(),
            name: Some("eva@mail.example".to_owned()),
            email: None,
            ..claim()
        };
        split.signature = sign(&split);
        assert_eq!(code(&split, NOW), "invalid_field");
    }
}
