//! A visitor's secret: minted here for one campaign, recognised when it comes back, and never kept.
//!
//! A client cannot choose one. It carries a mark that only this server can make, so a value made up elsewhere, however it got
//! into a browser, opens nothing and leaves nothing behind: whoever brings one is given a new one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use webchat_core::id::{CampaignId, VisitorKey};

/// Random bytes of a token; the mark has as many.
const HALF: usize = 16;

/// Makes the tokens of one tenant.
pub(crate) struct Mint([u8; 32]);

impl Mint {
    /// With a secret that stays the same for as long as tokens are to be known again.
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The token that was given, if it is one of this campaign, else a new one. `None` when the system has no randomness.
    pub(crate) fn known_or_new(&self, given: Option<&str>, campaign: CampaignId) -> Option<String> {
        if let Some(known) = given.filter(|token| self.knows(token, campaign)) {
            return Some(known.to_owned());
        }
        let mut random = [0; HALF];
        getrandom::fill(&mut random).ok()?;
        let mark = self.mac(&random, campaign)?.finalize().into_bytes();
        let mut token = random.to_vec();
        token.extend_from_slice(&mark[..HALF]);
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    fn knows(&self, token: &str, campaign: CampaignId) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        match bytes.split_at_checked(HALF) {
            // Compares in constant time.
            Some((random, mark)) if mark.len() == HALF => self
                .mac(random, campaign)
                .is_some_and(|mac| mac.verify_truncated_left(mark).is_ok()),
            _ => false,
        }
    }

    fn mac(&self, random: &[u8], campaign: CampaignId) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(b"visitor of a campaign");
        mac.update(&campaign.0.to_be_bytes());
        mac.update(random);
        Some(mac)
    }
}

/// The key of a visitor, which is all that is kept of a token; `None` for what has not the shape of one. Whoever holds none that
/// was minted here has no chat under it.
pub(crate) fn key(token: &str) -> Option<VisitorKey> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let _whole = <[u8; 2 * HALF]>::try_from(bytes).ok()?;
    let digest = Sha256::digest(token.as_bytes());
    let (half, _) = digest.split_first_chunk::<16>()?;
    Some(VisitorKey(u128::from_be_bytes(*half)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALES: CampaignId = CampaignId(1);

    #[test]
    fn a_token_is_kept_and_nonsense_gets_a_new_one() {
        let mint = Mint::new([7; 32]);
        let token = mint.known_or_new(None, SALES).unwrap();
        assert_eq!(token.len(), 43);
        assert_eq!(mint.known_or_new(Some(&token), SALES).unwrap(), token);
        for nonsense in ["", "x", "%%%", &token[1..], &format!("{token}A")] {
            let given = mint.known_or_new(Some(nonsense), SALES).unwrap();
            assert!(given != token && given != nonsense, "{nonsense}");
        }
    }

    #[test]
    fn a_token_that_was_not_minted_here_for_this_campaign_is_none() {
        let mint = Mint::new([7; 32]);
        let token = mint.known_or_new(None, SALES).unwrap();
        assert!(!mint.knows(&token, CampaignId(2)), "of another campaign");
        assert!(
            !Mint::new([8; 32]).knows(&token, SALES),
            "of another tenant"
        );
        let chosen = [
            URL_SAFE_NO_PAD.encode([0; 32]),
            URL_SAFE_NO_PAD.encode([255; 32]),
            URL_SAFE_NO_PAD.encode(b"thirty-two bytes somebody chose!"),
        ];
        for chosen in chosen {
            assert!(!mint.knows(&chosen, SALES), "{chosen}");
        }
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..256 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(
                !mint.knows(&URL_SAFE_NO_PAD.encode(altered), SALES),
                "{bit}"
            );
        }
    }
}
