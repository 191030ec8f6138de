//! What this program runs in: a computer, a virtual machine or a container. People are told before they
//! activate, because a licence in something that is copied or thrown away easily goes with it. It decides nothing.

use latchkey_per_process::PerProcess;

/// What this program runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Virtualization {
    /// A computer, or something that doesn't show that it isn't one.
    #[default]
    Computer,
    /// A virtual machine.
    VirtualMachine {
        /// Whose, a proper name; empty where it isn't known.
        by: &'static str,
    },
    /// A container, whatever is below it.
    Container {
        /// Whose, a proper name; empty where it isn't known.
        by: &'static str,
    },
}

impl Virtualization {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::VirtualMachine { .. } => "virtual_machine",
            Self::Container { .. } => "container",
        }
    }

    /// Whose virtual machine or container it is, where that is known.
    #[must_use]
    pub const fn by(self) -> &'static str {
        match self {
            Self::Computer => "",
            Self::VirtualMachine { by } | Self::Container { by } => by,
        }
    }
}

/// What this program runs in, as far as it shows. That doesn't change while it runs.
#[must_use]
pub fn virtualization() -> Virtualization {
    static FOUND: PerProcess<Virtualization> = PerProcess::new();
    *FOUND.get_or_init(|| {
        #[cfg(target_os = "linux")]
        return super::linux::virtualization(std::path::Path::new("/"));
        #[cfg(target_os = "windows")]
        return super::windows::virtualization();
        #[cfg(target_os = "macos")]
        return super::macos::virtualization();
        #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
        Virtualization::Computer
    })
}

/// The virtual machine that a maker's and a model's name in the firmware tell of.
pub(super) fn by_firmware(vendor: &str, product: &str) -> Option<&'static str> {
    /// What stands in the firmware of virtual machines, in lower case.
    const KNOWN: [(&str, &str); 15] = [
        ("vmware", "VMware"),
        ("virtualbox", "VirtualBox"),
        ("innotek", "VirtualBox"),
        ("parallels", "Parallels"),
        ("qemu", "QEMU"),
        ("kvm", "KVM"),
        ("bochs", "Bochs"),
        ("xen", "Xen"),
        ("bhyve", "bhyve"),
        ("openstack", "OpenStack"),
        ("google compute engine", "Google Compute Engine"),
        ("amazon ec2", "Amazon EC2"),
        ("apple virtualization", "Apple Virtualization"),
        ("nutanix", "Nutanix"),
        ("digitalocean", "DigitalOcean"),
    ];
    let (vendor, product) = (vendor.to_lowercase(), product.to_lowercase());
    // Microsoft makes computers too, and Amazon lends whole ones.
    if vendor.starts_with("microsoft") && product.starts_with("virtual machine") {
        return Some("Hyper-V");
    }
    if product.contains(".metal") {
        return None;
    }
    let known = |&&(word, _): &&(&str, &str)| vendor.contains(word) || product.contains(word);
    KNOWN.iter().find(known).map(|&(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_machines_are_known_by_their_firmware_and_computers_are_not_taken_for_one() {
        for (vendor, product, expected) in [
            ("VMware, Inc.", "VMware20,1", Some("VMware")),
            ("innotek GmbH", "VirtualBox", Some("VirtualBox")),
            ("QEMU", "Standard PC (Q35 + ICH9, 2009)", Some("QEMU")),
            ("Microsoft Corporation", "Virtual Machine", Some("Hyper-V")),
            ("Microsoft Corporation", "Surface Laptop 5", None),
            ("Amazon EC2", "m5.large", Some("Amazon EC2")),
            ("Amazon EC2", "m5.metal", None),
            ("Xen", "HVM domU", Some("Xen")),
            ("Dell Inc.", "Latitude 7440", None),
            ("", "", None),
        ] {
            assert_eq!(by_firmware(vendor, product), expected, "{vendor} {product}");
        }
    }
}
