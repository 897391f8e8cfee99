//! The campaigns that a step has to look at.

use crate::id::CampaignId;

/// A set that mostly holds one campaign or none, in order. It keeps its memory when it is emptied.
#[derive(Clone, Debug, Default)]
pub(crate) struct FewCampaigns(Vec<CampaignId>);

impl FewCampaigns {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, campaign: CampaignId) {
        if let Err(at) = self.0.binary_search(&campaign) {
            self.0.insert(at, campaign);
        }
    }

    pub(crate) fn remove(&mut self, campaign: CampaignId) {
        self.retain(|other| other != campaign);
    }

    pub(crate) fn pop_first(&mut self) -> Option<CampaignId> {
        (!self.is_empty()).then(|| self.0.remove(0))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Looks at each from the first to the last, and keeps those for which it is told to.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(CampaignId) -> bool) {
        self.0.retain(|campaign| keep(*campaign));
    }
}
