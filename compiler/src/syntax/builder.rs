//! The grammar's actions: they build nodes, bound their nesting, and report what the grammar accepts but the language
//! forbids.

/// The nodes directly below an expression.
mod children;
/// Items, and the rules about items that the grammar does not enforce.
mod items;

use std::collections::HashSet;
use std::sync::Arc;

use super::MAX_NESTING;
use super::ast::*;
use super::errors;
use super::format::FormatText;
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

use children::{Child, for_each_child};
pub(super) use items::{Function, ParameterEntry};

/// An entry of a list in braces; `None` if the entry is erroneous.
pub(super) type FieldEntry<T> = Option<T>;

/// Builds the syntax tree of a file.
pub(super) struct Builder {
    pub(super) ast: Ast,
    pub(super) diagnostics: Vec<Diagnostic>,
    symbols: HashSet<Symbol>,
    /// The depth of the tree below each node. Parentheses add to the depth; the left spine of a chain of binary
    /// operators does not.
    depths: Depths,
    parenthesised: Arena<ExpressionId, bool>,
    /// The expressions `break name` whose `name` may still be a label: the builder learns the label of a loop only
    /// after the loop's body.
    open_breaks: Vec<ExpressionId>,
    /// The type parameters with bounds in the header of the `impl` that is being parsed.
    bounded_parameters: Vec<TypeParameter>,
    /// Whether too deep nesting was reported, which happens once per file.
    pub(super) reported_depth: bool,
    /// Whether layout reported a wrong bracket, and inserted or replaced brackets. A missing function body is then most
    /// likely a consequence, and is not reported.
    pub(super) brackets_repaired: bool,
}

#[derive(Default)]
struct Depths {
    expressions: Arena<ExpressionId, u16>,
    patterns: Arena<PatternId, u16>,
    types: Arena<TypeNodeId, u16>,
}

/// A state of the builder, which [`Builder::rewind`] restores after a failed parse.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    items: usize,
    expressions: usize,
    patterns: usize,
    types: usize,
    diagnostics: usize,
    reported_depth: bool,
}

impl Builder {
    pub(super) fn new(file: FileId) -> Builder {
        Builder {
            ast: Ast::new(file),
            diagnostics: Vec::new(),
            symbols: HashSet::new(),
            depths: Depths::default(),
            parenthesised: Arena::new(),
            open_breaks: Vec::new(),
            bounded_parameters: Vec::new(),
            reported_depth: false,
            brackets_repaired: false,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            items: self.ast.items.len(),
            expressions: self.ast.expressions.len(),
            patterns: self.ast.patterns.len(),
            types: self.ast.types.len(),
            diagnostics: self.diagnostics.len(),
            reported_depth: self.reported_depth,
        }
    }

    /// Removes everything that was built since `mark`.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.ast.items.truncate(mark.items);
        self.ast.expressions.truncate(mark.expressions);
        self.ast.patterns.truncate(mark.patterns);
        self.ast.types.truncate(mark.types);
        self.depths.expressions.truncate(mark.expressions);
        self.parenthesised.truncate(mark.expressions);
        self.depths.patterns.truncate(mark.patterns);
        self.depths.types.truncate(mark.types);
        self.diagnostics.truncate(mark.diagnostics);
        self.reported_depth = mark.reported_depth;
        self.open_breaks.clear();
        self.bounded_parameters.clear();
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        // An empty construct ends where the previous token ends, so `end` may be less than `start`.
        Span { file: self.ast.file, start: start.min(end), end }
    }

    pub(super) fn name(&mut self, text: Symbol, start: u32, end: u32) -> Name {
        let text = match self.symbols.get(&text) {
            Some(known) => known.clone(),
            None => {
                self.symbols.insert(text.clone());
                text
            }
        };
        Name { text, span: self.span(start, end) }
    }

    pub(super) fn path(&self, names: Vec<Name>) -> Path {
        let span = names[0].span.to(names[names.len() - 1].span);
        Path { names, span }
    }

    /// The depth of a node: one more than `deepest`, the depth of its deepest child. If the depth is over the limit,
    /// returns `None`, and reports an error if the file has no such error yet.
    fn checked_depth(&mut self, deepest: u16, span: Span) -> Option<u16> {
        let depth = deepest + 1;
        if usize::from(depth) <= MAX_NESTING {
            return Some(depth);
        }
        if !self.reported_depth {
            self.reported_depth = true;
            self.report(errors::too_deep(Span { end: span.end.min(span.start + 1), ..span }));
        }
        None
    }

    // Types.

    pub(super) fn type_node(&mut self, kind: TypeNodeKind, start: u32, end: u32) -> TypeNodeId {
        let span = self.span(start, end);
        let deepest = kind.parts().iter().map(|&part| self.depths.types[part]).max().unwrap_or(0);
        let depth = self.checked_depth(deepest, span);
        let kind = if depth.is_some() { kind } else { TypeNodeKind::Error };
        self.depths.types.push(depth.unwrap_or(0));
        self.ast.types.push(TypeNode { kind, span })
    }

    pub(super) fn type_in_parentheses(&mut self, inner: TypeNodeId) -> TypeNodeId {
        self.depths.types[inner] += 1;
        inner
    }

    // Patterns.

    pub(super) fn pattern(&mut self, kind: PatternKind, start: u32, end: u32) -> PatternId {
        let span = self.span(start, end);
        let deepest = match &kind {
            PatternKind::Tuple(inner) | PatternKind::Or(inner) => self.deepest_pattern(inner.iter().copied()),
            PatternKind::Constructor { fields, .. } => {
                self.deepest_pattern(fields.iter().map(|field| field.pattern))
            }
            PatternKind::Array { before, after, .. } => {
                self.deepest_pattern(before.iter().chain(after).copied())
            }
            PatternKind::As { pattern, .. } => self.depths.patterns[*pattern],
            PatternKind::Wildcard
            | PatternKind::Name(_)
            | PatternKind::Literal(_)
            | PatternKind::Range { .. }
            | PatternKind::Error => 0,
        };
        let depth = self.checked_depth(deepest, span);
        let kind = if depth.is_some() { kind } else { PatternKind::Error };
        self.depths.patterns.push(depth.unwrap_or(0));
        self.ast.patterns.push(Pattern { kind, span })
    }

    fn deepest_pattern(&self, patterns: impl Iterator<Item = PatternId>) -> u16 {
        patterns.map(|pattern| self.depths.patterns[pattern]).max().unwrap_or(0)
    }

    pub(super) fn pattern_in_parentheses(&mut self, inner: PatternId) -> PatternId {
        self.depths.patterns[inner] += 1;
        inner
    }

    pub(super) fn path_pattern(&mut self, path: Path) -> PatternId {
        let span = path.span;
        let kind = match <[Name; 1]>::try_from(path.names) {
            Ok([name]) => PatternKind::Name(name),
            Err(names) => {
                PatternKind::Constructor { path: Path { names, span }, fields: Vec::new(), rest: None }
            }
        };
        self.pattern(kind, span.start, span.end)
    }

    pub(super) fn alternatives(
        &mut self,
        first: PatternId,
        mut rest: Vec<PatternId>,
        start: u32,
        end: u32,
    ) -> PatternId {
        rest.insert(0, first);
        self.pattern(PatternKind::Or(rest), start, end)
    }

    pub(super) fn constructor(
        &mut self,
        path: Path,
        entries: Vec<Result<FieldPattern, Span>>,
        start: u32,
        end: u32,
    ) -> PatternId {
        let (mut fields, mut rest) = (Vec::new(), None);
        for entry in entries {
            if let Some(misplaced) = rest {
                self.report(errors::misplaced_rest(misplaced));
            }
            match entry {
                Ok(field) => fields.push(field),
                Err(dots) => rest = Some(dots),
            }
        }
        self.pattern(PatternKind::Constructor { path, fields, rest }, start, end)
    }

    pub(super) fn array_pattern(
        &mut self,
        elements: Vec<Result<PatternId, ArrayRest>>,
        start: u32,
        end: u32,
    ) -> PatternId {
        let (mut before, mut rest, mut after) = (Vec::new(), None, Vec::new());
        for element in elements {
            match element {
                Ok(pattern) if rest.is_none() => before.push(pattern),
                Ok(pattern) => after.push(pattern),
                Err(dots) if rest.is_some() => self.report(errors::second_rest(dots.span)),
                Err(dots) => rest = Some(dots),
            }
        }
        self.pattern(PatternKind::Array { before, rest, after }, start, end)
    }

    // Expressions.

    pub(super) fn expression(&mut self, kind: ExpressionKind, start: u32, end: u32) -> ExpressionId {
        let span = self.span(start, end);
        let mut deepest = 0;
        let spine = match &kind {
            ExpressionKind::Binary { left, .. } if !self.parenthesised[*left] => Some(*left),
            _ => None,
        };
        for_each_child(&kind, &mut |child| {
            let depth = match child {
                // The left spine is walked in a loop, so it does not add to the depth.
                Child::Expression(id) if Some(id) == spine && self.is_binary(id) => {
                    self.depths.expressions[id].saturating_sub(1)
                }
                Child::Expression(id) => self.depths.expressions[id],
                Child::Pattern(id) => self.depths.patterns[id],
                Child::Type(id) => self.depths.types[id],
            };
            deepest = deepest.max(depth);
        });
        let depth = self.checked_depth(deepest, span);
        let kind = if depth.is_some() { kind } else { ExpressionKind::Error };
        let lone_break_name = self.is_lone_break_name(&kind);
        self.depths.expressions.push(depth.unwrap_or(0));
        self.parenthesised.push(false);
        let id = self.ast.expressions.push(Expression { kind, span });
        if lone_break_name {
            self.open_breaks.push(id);
        }
        id
    }

    fn is_binary(&self, id: ExpressionId) -> bool {
        matches!(self.ast.expression(id), ExpressionKind::Binary { .. })
    }

    pub(super) fn in_parentheses(&mut self, inner: ExpressionId) -> ExpressionId {
        self.depths.expressions[inner] += 1;
        self.parenthesised[inner] = true;
        inner
    }

    /// Builds a binary operator; reports a chain of comparisons, such as `a < b < c`.
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        left: ExpressionId,
        right: ExpressionId,
    ) -> ExpressionId {
        if is_comparison(operator)
            && !self.parenthesised[left]
            && let ExpressionKind::Binary { operator: first, operator_span: first_span, .. } =
                self.ast.expression(left)
            && is_comparison(*first)
        {
            let error = errors::comparison_chain(operator_span, *first_span);
            self.report(error);
        }
        let span = self.ast.expressions[left].span.to(self.ast.expressions[right].span);
        let kind = ExpressionKind::Binary { operator, operator_span, left, right };
        self.expression(kind, span.start, span.end)
    }

    /// A literal for the 64 bits of a negative number: `0xffff_ffff_ffff_ffff` is `-1`.
    pub(super) fn bits(&mut self, bits: u64, start: u32, end: u32) -> ExpressionId {
        let operand = self.expression(ExpressionKind::Integer(bits.wrapping_neg()), start, end);
        self.expression(ExpressionKind::Unary { operator: UnaryOperator::Negate, operand }, start, end)
    }

    pub(super) fn let_before_or(&mut self, start: u32, end: u32) {
        self.report(errors::let_before_or(self.span(start, end)));
    }

    pub(super) fn tuple_field(
        &mut self,
        base: ExpressionId,
        index: u64,
        start: u32,
        end: u32,
    ) -> ExpressionKind {
        // An index that does not fit becomes `u32::MAX`. No tuple has that many fields, so the checker reports the
        // index.
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        ExpressionKind::TupleField { base, index, index_span: self.span(start, end) }
    }

    /// A format with the expressions in its braces, in source order.
    pub(super) fn format(&self, format: FormatText, computed: &[ExpressionId]) -> Format {
        let mut computed = computed.iter().copied();
        let width = if format.computes_width { computed.next() } else { None };
        let precision = if format.computes_precision { computed.next() } else { None };
        Format { spec: format.spec, width, precision }
    }

    pub(super) fn text_part(&self, text: Arc<str>) -> Option<StringPart> {
        (!text.is_empty()).then_some(StringPart::Text(text))
    }

    pub(super) fn assignment(
        &mut self,
        target: ExpressionId,
        operator: Option<BinaryOperator>,
        operator_span: Span,
        value: ExpressionId,
        start: u32,
        end: u32,
    ) -> ExpressionId {
        let assignable = match self.ast.expression(target) {
            ExpressionKind::Name(_) | ExpressionKind::Field { .. } | ExpressionKind::Index { .. } => true,
            // The checker reports an assignment to a tuple's field. For `Error`, an error was already reported.
            ExpressionKind::TupleField { .. } | ExpressionKind::Error => true,
            _ => false,
        };
        if !assignable {
            let span = self.ast.expressions[target].span;
            self.report(errors::assignment_target(span));
        }
        self.expression(ExpressionKind::Assign { target, operator, operator_span, value }, start, end)
    }

    pub(super) fn block(&mut self, mut statements: Vec<Statement>, start: u32, end: u32) -> ExpressionId {
        let value = match statements.pop() {
            Some(Statement::Expression(value)) => Some(value),
            Some(other) => {
                statements.push(other);
                None
            }
            None => None,
        };
        self.expression(ExpressionKind::Block(Block { statements, value }), start, end)
    }

    pub(super) fn match_arms(
        &mut self,
        scrutinee: ExpressionId,
        arms: Vec<FieldEntry<Arm>>,
    ) -> ExpressionKind {
        ExpressionKind::Match { scrutinee, arms: arms.into_iter().flatten().collect() }
    }

    pub(super) fn select_arms(&mut self, arms: Vec<FieldEntry<SelectArm>>) -> ExpressionKind {
        ExpressionKind::Select(arms.into_iter().flatten().collect())
    }

    /// Sets the label of a loop, and turns each `break name` with that name in the loop's body into a `break` with a
    /// label: the builder learns the label only after the body, so it has built a `break` with the value `name`.
    pub(super) fn labelled(&mut self, name: Name, repetition: ExpressionId) -> ExpressionId {
        let node = &mut self.ast.expressions[repetition];
        let body = node.span;
        node.span = name.span.to(body);
        match &mut node.kind {
            ExpressionKind::While { label, .. }
            | ExpressionKind::Loop { label, .. }
            | ExpressionKind::For { label, .. } => *label = Some(name.clone()),
            // The loop is nested too deeply, and an error was reported.
            ExpressionKind::Error => return repetition,
            other => panic!("BUG: {other:?} is labelled"),
        }
        let ast = &mut self.ast;
        self.open_breaks.retain(|&id| {
            if ast.expressions[id].span.start < body.start {
                return true;
            }
            let ExpressionKind::Break { value: Some(value), .. } = *ast.expression(id) else { return false };
            match ast.expression(value) {
                ExpressionKind::Name(target) if target.text == name.text => {
                    let label = Some(target.clone());
                    ast.expressions[id].kind = ExpressionKind::Break { label, value: None };
                    false
                }
                _ => true,
            }
        });
        repetition
    }

    fn is_lone_break_name(&self, kind: &ExpressionKind) -> bool {
        match kind {
            ExpressionKind::Break { label: None, value: Some(value) } if !self.parenthesised[*value] => {
                matches!(self.ast.expression(*value), ExpressionKind::Name(_))
            }
            _ => false,
        }
    }
}

fn is_comparison(operator: BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(operator, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
}
