//! Cells of the tables for download, RFC 4180.

/// A cell in quotes. What a spreadsheet would take for a formula gets an apostrophe before it.
pub(crate) fn cell_of(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let apostrophe = if formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_name_is_never_a_formula_in_the_table() {
        assert_eq!(cell_of("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell_of("Office 4"), "\"Office 4\"");
    }
}
