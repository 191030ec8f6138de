//! Rows of the tables for download, RFC 4180.
//!
//! The `csv` crate isn't used: what is needed of it is one `replace`, and it leaves alone what a
//! spreadsheet takes for a formula.

/// A row with its line end.
pub(crate) fn row_of(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell_of(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell in quotes. What a spreadsheet would take for a formula gets an apostrophe before it.
fn cell_of(text: &str) -> String {
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
        assert_eq!(row_of(&["a".to_owned(), "-b".to_owned()]), "\"a\",\"'-b\"\r\n");
    }
}
