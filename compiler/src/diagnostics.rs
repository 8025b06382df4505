//! Diagnostics: errors and warnings about a program, as data. Passes make these, one function per error in their
//! `errors.rs`; `render` turns them into text.

use crate::source::Span;

/// The severity of a diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The program cannot be compiled.
    Error,
    /// It can, but probably should not be.
    Warning,
}

/// A stable name, `E0001` and on for errors, `W0001` and on for warnings; `docs/errors` has a page for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static str);

/// A place and what to say about it.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// The place in the source.
    pub span: Span,
    /// A few words about the place; may be empty.
    pub message: String,
}

/// The certainty of a [`Fix`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applicability {
    /// A tool may apply it unasked.
    Certain,
    /// It is likely what was meant.
    Likely,
}

/// A change of the source that would cure the fault.
#[derive(Clone, PartialEq, Debug)]
pub struct Fix {
    /// The instruction: "write `count`".
    pub message: String,
    /// The source that it replaces; empty to insert.
    pub span: Span,
    /// The text that it puts there.
    pub replacement: String,
    /// Its certainty.
    pub applicability: Applicability,
}

/// An error or a warning about a program.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// Its severity.
    pub severity: Severity,
    /// The message: a sentence without a full stop.
    pub message: String,
    /// The place it is about.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// Facts to know about it, a sentence each.
    pub notes: Vec<String>,
    /// Changes that cure it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `span`; `label` is what stands beside the place itself.
    pub fn error(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
        let primary = Label { span, message: label.into() };
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary,
            secondary: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// A warning at `span`.
    pub fn warning(
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, span, label) }
    }

    /// Adds another place.
    #[must_use]
    pub fn with_label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }
}
