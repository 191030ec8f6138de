//! Finds and repairs tokens and activation codes in text that came through mails, chats, text
//! recognition, keyboards and people (section 7 and appendix B of the specification). `scan` is
//! the entry point; `manual_entry` is for people who type a token from paper.

pub(crate) mod activation_code;
mod adjoining_text;
mod ambiguous_keys;
mod beginnings;
mod columns;
mod content_type;
mod correction;
pub(crate) mod encoding;
mod extract;
pub(crate) mod file;
pub(crate) mod found_token;
mod keyboard_layouts;
mod ligature_keys;
mod line_repair;
pub mod manual_entry;
#[cfg(test)]
mod mention_tests;
mod message_pieces;
mod normal_forms;
mod ocr_sheets;
mod qr_content;
mod reordered_pieces;
mod rows;
pub(crate) mod rows_without_beginning;
pub(crate) mod scan;
pub(crate) mod several_texts;
mod symbol_stream;
pub(crate) mod text_error;
pub(crate) mod work_budget;
#[cfg(test)]
mod work_budget_tests;
