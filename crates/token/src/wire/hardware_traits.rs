//! The hardware traits of a computer, as keyed digests.

use sha2::{Digest as _, Sha256};

use crate::wire::ids::{ProductNumber, VendorId};

/// One hardware trait of a computer. Their weights are defined by `latchkey-lease`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum HardwareTrait {
    /// The id of the operating system's installation.
    OsInstall = 0,
    /// The UUID that the firmware assigns to the system.
    SystemUuid = 1,
    /// The serial number of the main board.
    BoardSerial = 2,
    /// The serial number or WWID of the system's disk.
    SystemDisk = 3,
    /// The id of the system's volume.
    SystemVolume = 4,
    /// The permanent address of a network card.
    NetworkAddress = 5,
    /// The model of the processor.
    Processor = 6,
}

impl HardwareTrait {
    /// All traits in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::OsInstall,
        Self::SystemUuid,
        Self::BoardSerial,
        Self::SystemDisk,
        Self::SystemVolume,
        Self::NetworkAddress,
        Self::Processor,
    ];

    /// Returns the stable lower-case name, for diagnostics and catalogues.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OsInstall => "os-install",
            Self::SystemUuid => "system-uuid",
            Self::BoardSerial => "board-serial",
            Self::SystemDisk => "system-disk",
            Self::SystemVolume => "system-volume",
            Self::NetworkAddress => "network-address",
            Self::Processor => "processor",
        }
    }
}

/// The traits of a computer in a token: four bytes of a keyed digest each. They distinguish
/// computers for one product, and reveal nothing about the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HardwareTraits([Option<[u8; 4]>; 7]);

impl HardwareTraits {
    /// Sets a trait from its value on this computer. The value is hashed with the vendor and the
    /// product, so that two vendors can't compare their data.
    ///
    /// # Examples
    /// ```
    /// use latchkey_token::{HardwareTrait, HardwareTraits, VendorId};
    ///
    /// let (acme, other) = (VendorId::from_bytes([1; 8]), VendorId::from_bytes([2; 8]));
    /// let mut traits = HardwareTraits::default();
    /// traits.set(HardwareTrait::SystemDisk, acme, 1, "S4EWNX0R");
    /// let mut foreign = HardwareTraits::default();
    /// foreign.set(HardwareTrait::SystemDisk, other, 1, "S4EWNX0R");
    /// assert_ne!(traits, foreign);
    /// assert_eq!(HardwareTraits::from_bytes(&traits.to_bytes()), Some(traits));
    /// ```
    pub fn set(
        &mut self,
        which: HardwareTrait,
        vendor: VendorId,
        product: ProductNumber,
        value: &str,
    ) {
        let digest = Sha256::new()
            .chain_update(b"latchkey/trait\0")
            .chain_update(vendor.as_bytes())
            .chain_update(product.to_be_bytes())
            .chain_update([which as u8])
            .chain_update(value.as_bytes())
            .finalize();
        self.0[which as usize] = Some([digest[0], digest[1], digest[2], digest[3]]);
    }

    /// Returns the digest of a trait, or `None` if the trait couldn't be read.
    #[must_use]
    pub const fn get(&self, which: HardwareTrait) -> Option<[u8; 4]> {
        self.0[which as usize]
    }

    /// Returns the traits without this one.
    #[must_use]
    pub fn without(mut self, which: HardwareTrait) -> Self {
        self.0[which as usize] = None;
        self
    }

    /// Returns the traits that could be read.
    pub fn present(&self) -> impl Iterator<Item = (HardwareTrait, [u8; 4])> + '_ {
        HardwareTrait::ALL.into_iter().filter_map(|which| Some((which, self.get(which)?)))
    }

    /// Returns the digest that the vendor's signature covers instead of the list: ten bytes of
    /// SHA-256(`"latchkey/traits" 0x00` ‖ presence byte ‖ four bytes for each trait that is
    /// present).
    #[must_use]
    pub fn digest(&self) -> [u8; 10] {
        let digest = Sha256::new()
            .chain_update(b"latchkey/traits\0")
            .chain_update(self.to_bytes())
            .finalize();
        let mut short = [0; 10];
        short.copy_from_slice(&digest[..10]);
        short
    }

    /// Encodes the traits as a presence byte (bit 0 is [`HardwareTrait::OsInstall`]) and four bytes
    /// for each trait that is present.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0];
        for (which, digest) in self.present() {
            bytes[0] |= 1 << which as u8;
            bytes.extend_from_slice(&digest);
        }
        bytes
    }

    /// Decodes the traits, or returns `None` if the length doesn't match the presence byte.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&presence, mut rest) = bytes.split_first()?;
        if presence & 0x80 != 0 {
            return None;
        }
        let mut traits = Self::default();
        for which in HardwareTrait::ALL {
            if presence & 1 << which as u8 != 0 {
                let (digest, after) = rest.split_first_chunk::<4>()?;
                traits.0[which as usize] = Some(*digest);
                rest = after;
            }
        }
        rest.is_empty().then_some(traits)
    }
}
