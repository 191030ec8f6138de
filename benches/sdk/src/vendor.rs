//! A vendor made of its keys alone: it answers this bench's requests.

use latchkey_sdk::{FeatureValue, Licence, Product, SeatId, SeatName};
use latchkey_token::{Refresh, Request, Response, SecretKeys, Seed, open_request, scan, seal};

use crate::error::Result;

const ID: [u8; 8] = [7; 8];
const NUMBER: u32 = 1;
const DAY: i64 = 86_400;

pub(crate) struct Vendor {
    keys: SecretKeys,
    public: [[u8; 64]; 2],
}

impl Vendor {
    pub(crate) fn new() -> Self {
        let [keys, spare] = [1, 2].map(|byte| {
            let keys = SecretKeys::from_seed(&Seed::from_bytes([byte; 32]));
            keys.unwrap_or_else(|error| panic!("a vendor's keys: {error}"))
        });
        let public = [keys.public().to_bytes(), spare.public().to_bytes()];
        Self { keys, public }
    }

    /// With an active and a spare key, as every product has.
    pub(crate) fn product(&self) -> Product<'_> {
        Product { name: "Bench", ..Product::new(ID, NUMBER, &self.public) }
    }

    pub(crate) fn keyring_user(&self) -> String {
        let id: String = ID.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{id}/{NUMBER}")
    }

    /// A licence with six features, of thirty days.
    pub(crate) fn activate(&self, licence: &Licence, refreshed: bool) -> Result<()> {
        let name = SeatName::new("Bench")?;
        let request =
            licence.generate_offline_activation_request_token(&"TEST-CODE".parse()?, &name)?;
        let token = scan(&request)?.remove(0).token?;
        let request: Request = open_request(&token, &self.keys)?.into_payload();
        let now = chrono::Utc::now().timestamp();
        let response = Response {
            request: request.request,
            seat: SeatId::from_bytes([1; 8]),
            activated_at: now,
            lease_expiry: now + 30 * DAY,
            grace: 7 * DAY.unsigned_abs(),
            sequence: 1,
            features: (1..=6).map(|number| (number, FeatureValue::Number(8))).collect(),
            attributes: [("plan".to_owned(), "professional".to_owned())].into(),
            subscription_end: None,
            traits_digest: request.traits.digest(),
        };
        licence
            .activate_offline(&seal(&response, NUMBER, &self.keys, &request.device)?.to_string())?;
        if refreshed {
            let refresh = Refresh {
                seat: response.seat,
                issued_at: now + 1,
                lease_expiry: now + 30 * DAY,
                sequence: 2,
                grace: None,
                features: None,
                attributes: None,
                subscription_end: None,
            };
            let refresh = seal(&refresh, NUMBER, &self.keys, &request.device)?;
            licence.refresh_lease_offline(&refresh.to_string())?;
        }
        Ok(())
    }
}
