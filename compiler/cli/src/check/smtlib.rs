//! The solver's queries as files, so that another solver can repeat them.
//!
//! In: queries. Out: a folder with one SMT-LIB 2 file a query, numbered in the order in which they were asked. Each begins with a comment that says what was
//! asked and what the answer was. Left out: tidying up; files of an earlier run that this one does not replace stay.

use std::fs;
use std::path::Path;

use leverframe_checker::Query;

use crate::exit::Failure;

/// Writes them, and makes the folder where there is none.
///
/// # Errors
/// [`Failure::Write`].
pub(super) fn write<'a>(folder: &Path, queries: impl IntoIterator<Item = &'a Query>) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::write(folder, error))?;
    for (query, number) in queries.into_iter().zip(1_u64..) {
        let path = folder.join(file_name(number, &query.name));
        fs::write(&path, text(query)).map_err(|error| Failure::write(&path, error))?;
    }
    Ok(())
}

/// What is asked may bear any text; the name of a file keeps what every system takes.
fn file_name(number: u64, name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let kept: String = name.chars().take(crate::limits::QUERY_NAME_CHARS).map(safe).collect();
    format!("{number:03}-{kept}.smt2")
}

fn text(query: &Query) -> String {
    let name: String = query.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let end = if query.text.ends_with('\n') { "" } else { "\n" };
    format!("; {name}\n; the answer was {}\n{}{end}", query.answer, query.text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use leverframe_checker::Query;

    use super::{file_name, write};

    #[test]
    fn names_of_files_are_tame() {
        assert_eq!(file_name(7, "pay.send-1"), "007-pay.send-1.smt2");
        assert_eq!(file_name(1_234, "../a b/ü"), "1234-.._a_b__.smt2");
        assert!(file_name(1, &"x".repeat(10_000)).len() < 200);
    }

    #[test]
    fn each_query_is_a_file_and_a_name_cannot_leave_its_comment() {
        let folder = std::env::temp_dir().join(format!("leverframe-smtlib-{}", std::process::id())).join("deep");
        let query = Query { name: "a\n(exit)".to_owned(), text: "(check-sat)".to_owned(), answer: "unsat" };
        write(&folder, [&query]).unwrap();
        let written = fs::read_to_string(folder.join("001-a__exit_.smt2")).unwrap();
        assert_eq!(written, "; a (exit)\n; the answer was unsat\n(check-sat)\n");
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }
}
