//! What this program runs in: a computer, a virtual machine or a container. Users are told
//! before they activate, because a licence in an environment that is easily copied or discarded is
//! lost with it. It has no other effect.

/// The environment that this program runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Virtualization {
    /// A computer, or an environment that can't be told from one.
    #[default]
    Computer,
    /// A virtual machine.
    VirtualMachine {
        /// The product's proper name; empty if it is unknown.
        by: &'static str,
    },
    /// A container, whatever runs it.
    Container {
        /// The product's proper name; empty if it is unknown.
        by: &'static str,
    },
}

impl Virtualization {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::VirtualMachine { .. } => "virtual_machine",
            Self::Container { .. } => "container",
        }
    }

    /// The product's name, if it is known.
    #[must_use]
    pub const fn product_name(self) -> &'static str {
        match self {
            Self::Computer => "",
            Self::VirtualMachine { by } | Self::Container { by } => by,
        }
    }
}

/// The virtual machine that the manufacturer's and model's name in the firmware indicate.
#[cfg(any(target_os = "linux", target_os = "windows", test))]
pub(super) fn by_firmware(vendor: &str, product: &str) -> Option<&'static str> {
    /// Names in the firmware of virtual machines, in lower case.
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
    // Microsoft makes computers too, and Amazon rents out whole ones.
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
    fn firmware_identifies_virtual_machines_and_never_a_real_computer_as_one() {
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
