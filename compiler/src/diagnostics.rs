//! Diagnostics: errors and warnings about a program, as data. Passes create them, with one function per error in their
//! module `errors`; `render` turns them into text.

use crate::source::Span;

/// The severity of a diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The program cannot be compiled.
    Error,
    /// The program can be compiled, but is probably wrong.
    Warning,
}

/// The stable code of a kind of diagnostic: from `E0001` for errors, from `W0001` for warnings. `docs/errors` has a
/// page for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static str);

/// A place in the source and a message about it.
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
    /// A tool may apply the fix without asking the user.
    Certain,
    /// The fix is probably what the user meant.
    Likely,
}

/// A change of the source that would remove the fault.
#[derive(Clone, PartialEq, Debug)]
pub struct Fix {
    /// The instruction to the user: "write `count`".
    pub message: String,
    /// The source text that the fix replaces; an empty span for an insertion.
    pub span: Span,
    /// The text that replaces the span.
    pub replacement: String,
    /// The certainty of the fix.
    pub applicability: Applicability,
}

/// An error or a warning about a program.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// The message: a sentence without a full stop.
    pub message: String,
    /// The place that the diagnostic is about.
    pub primary: Label,
    /// Other places that explain the diagnostic.
    pub secondary: Vec<Label>,
    /// Further facts, a sentence each.
    pub notes: Vec<String>,
    /// Changes that would remove the fault.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `span`; `label` is the text beside that place.
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

    /// Adds a secondary label.
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
