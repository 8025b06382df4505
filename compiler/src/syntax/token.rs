//! Tokens: the output of the lexer and the input of the grammar.

use std::sync::Arc;

use super::format::FormatText;

use super::ast::Symbol;

/// A token with its place in the source.
#[derive(Clone, PartialEq, Debug)]
pub struct Token {
    /// The kind of token.
    pub kind: TokenKind,
    /// The position of the token's first byte in the file.
    pub start: u32,
    /// The position after the token's last byte.
    pub end: u32,
    /// Whether the token is the first on its line.
    pub first_on_line: bool,
    /// Whether an error was already reported for this token, or the token was inserted for a missing bracket. A syntax
    /// error near a silent token is most likely the same mistake, and is not reported.
    pub silent: bool,
}

macro_rules! define_tokens {
    (keywords { $($keyword:ident $keyword_text:literal;)* } symbols { $($symbol:ident $symbol_text:literal;)* }) => {
        /// The kinds of tokens.
        #[derive(Clone, PartialEq, Debug)]
        pub enum TokenKind {
            $(#[doc = concat!("`", $keyword_text, "`")] $keyword,)*
            $(#[doc = concat!("`", $symbol_text, "`")] $symbol,)*
            /// `name`; also a contextual keyword that is used as a name
            Identifier(Symbol),
            /// `1_000`
            Integer(u64),
            /// `0xffff_ffff_ffff_ffff`, the 64 bits of a negative `Int`
            Bits(u64),
            /// `1.5`
            Float(f64),
            /// `'a'`
            Char(char),
            /// `b'a'`
            Byte(u8),
            /// `b"ab\x00"`
            Bytes(Arc<[u8]>),
            /// A string without interpolations, or a raw string.
            String(Arc<str>),
            /// The opening quote of a string with interpolations.
            StringOpen,
            /// Text in a string with interpolations.
            StringText(Arc<str>),
            /// The closing quote of a string with interpolations.
            StringClose,
            /// `{` of an interpolation
            InterpolationOpen,
            /// `:>8`, the format of an interpolation; `None` if an error in it was reported
            Format(Option<FormatText>),
            /// `}` of an interpolation
            InterpolationClose,
            /// The text of consecutive `///` lines.
            Doc(Arc<str>),
            /// A newline that separates statements or items, or `;`
            Separator,
            /// `return` without a value
            ReturnAlone,
            /// `break` without a value
            BreakAlone,
            /// `yield` without a value
            YieldAlone,
            /// `share` before `fn`
            Share,
            /// `from` after `yield`
            From,
            /// `after` at the start of an arm of a `select`
            After,
            /// `else` after the value of a `let`
            ElseOfLet,
            /// A token in place of erroneous text, for which an error was reported.
            Error,
        }

        impl TokenKind {
            /// The keyword that is written `text`, if there is one.
            pub fn keyword(text: &str) -> Option<TokenKind> {
                match text {
                    $($keyword_text => Some(TokenKind::$keyword),)*
                    _ => None,
                }
            }

            /// The punctuation or operator that is written `text`, if there is one.
            pub fn symbol(text: &str) -> Option<TokenKind> {
                match text {
                    $($symbol_text => Some(TokenKind::$symbol),)*
                    _ => None,
                }
            }

            /// The name of the variant, for dumps.
            pub fn name(&self) -> &'static str {
                match self {
                    $(TokenKind::$keyword => stringify!($keyword),)*
                    $(TokenKind::$symbol => stringify!($symbol),)*
                    TokenKind::Identifier(_) => "Identifier",
                    TokenKind::Integer(_) => "Integer",
                    TokenKind::Float(_) => "Float",
                    TokenKind::Bits(_) => "Bits",
                    TokenKind::Char(_) => "Char",
                    TokenKind::Byte(_) => "Byte",
                    TokenKind::Bytes(_) => "Bytes",
                    TokenKind::String(_) => "String",
                    TokenKind::StringOpen => "StringOpen",
                    TokenKind::StringText(_) => "StringText",
                    TokenKind::StringClose => "StringClose",
                    TokenKind::InterpolationOpen => "InterpolationOpen",
                    TokenKind::Format(_) => "Format",
                    TokenKind::InterpolationClose => "InterpolationClose",
                    TokenKind::Doc(_) => "Doc",
                    TokenKind::Separator => "Separator",
                    TokenKind::ReturnAlone => "ReturnAlone",
                    TokenKind::BreakAlone => "BreakAlone",
                    TokenKind::YieldAlone => "YieldAlone",
                    TokenKind::Share => "Share",
                    TokenKind::From => "From",
                    TokenKind::After => "After",
                    TokenKind::ElseOfLet => "ElseOfLet",
                    TokenKind::Error => "Error",
                }
            }

            /// The fixed text of a keyword, a symbol or a brace of an interpolation; empty for all other tokens.
            pub fn text(&self) -> &'static str {
                match self {
                    $(TokenKind::$keyword => $keyword_text,)*
                    $(TokenKind::$symbol => $symbol_text,)*
                    TokenKind::InterpolationOpen => "{",
                    TokenKind::InterpolationClose => "}",
                    TokenKind::ReturnAlone => "return",
                    TokenKind::BreakAlone => "break",
                    TokenKind::YieldAlone => "yield",
                    TokenKind::ElseOfLet => "else",
                    _ => "",
                }
            }

            /// Whether the token is a keyword, and not a contextual one.
            pub fn is_keyword(&self) -> bool {
                matches!(self, $(TokenKind::$keyword)|*)
            }
        }
    };
}

define_tokens! {
    keywords {
        As "as"; Break "break"; Const "const"; Continue "continue"; Defer "defer"; Else "else"; Enum "enum";
        Extern "extern"; False "false"; Fn "fn"; For "for"; Gen "gen"; If "if"; Impl "impl"; Import "import";
        In "in"; Let "let"; Loop "loop"; Match "match"; Pub "pub"; Return "return"; Scope "scope"; Select "select";
        SelfValue "self"; Spawn "spawn"; Struct "struct"; Test "test"; Trait "trait"; True "true"; Type "type";
        Var "var"; While "while"; Yield "yield"; Underscore "_";
    }
    symbols {
        ParenOpen "("; ParenClose ")"; BracketOpen "["; BracketClose "]"; BraceOpen "{"; BraceClose "}";
        Comma ","; Colon ":"; Semicolon ";"; Dot "."; Question "?"; Arrow "->"; FatArrow "=>";
        Star "*"; Slash "/"; Percent "%"; StarPercent "*%"; Plus "+"; Minus "-"; PlusPercent "+%";
        MinusPercent "-%"; ShiftLeft "<<"; ShiftRight ">>"; ShiftRightLogical ">>>"; Ampersand "&"; Caret "^"; Bar "|";
        DotDot ".."; DotDotEqual "..="; EqualEqual "=="; BangEqual "!="; Less "<"; LessEqual "<=";
        Greater ">"; GreaterEqual ">="; AndAnd "&&"; OrOr "||"; Bang "!"; Tilde "~"; Equal "=";
        StarEqual "*="; SlashEqual "/="; PercentEqual "%="; StarPercentEqual "*%="; PlusEqual "+=";
        MinusEqual "-="; PlusPercentEqual "+%="; MinusPercentEqual "-%="; ShiftLeftEqual "<<=";
        ShiftRightEqual ">>="; ShiftRightLogicalEqual ">>>="; AmpersandEqual "&="; CaretEqual "^="; BarEqual "|=";
    }
}

/// The effect of a token on the nesting of brackets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Nesting {
    /// An opening bracket.
    Opens,
    /// A closing bracket.
    Closes,
    /// A token that is not a bracket.
    Neither,
}

impl TokenKind {
    /// The token's effect on the nesting of brackets.
    pub fn nesting(&self) -> Nesting {
        use TokenKind::*;
        match self {
            ParenOpen | BracketOpen | BraceOpen | InterpolationOpen => Nesting::Opens,
            ParenClose | BracketClose | BraceClose | InterpolationClose => Nesting::Closes,
            _ => Nesting::Neither,
        }
    }

    /// Whether a newline after this token may end a statement.
    pub fn can_end_statement(&self) -> bool {
        use TokenKind::*;
        matches!(
            self,
            Identifier(_)
                | Integer(_)
                | Float(_)
                | Bits(_)
                | Char(_)
                | Byte(_)
                | Bytes(_)
                | String(_)
                | StringClose
                | True
                | False
                | ParenClose
                | BracketClose
                | BraceClose
                | Question
                | Return
                | Break
                | Continue
                | Yield
                | SelfValue
                | Error
        )
    }

    /// Whether this token can only continue a statement, so that a newline before the token is not a separator.
    pub fn only_continues(&self) -> bool {
        use TokenKind::*;
        matches!(self, Dot | Else | ParenClose | BracketClose | Comma) || self.is_continuing_operator()
    }

    /// Whether this token is a binary operator that cannot begin an expression.
    fn is_continuing_operator(&self) -> bool {
        use TokenKind::*;
        matches!(self, Star | Slash | Percent | StarPercent | Plus | PlusPercent | MinusPercent)
            || matches!(
                self,
                ShiftLeft
                    | ShiftRight
                    | ShiftRightLogical
                    | Ampersand
                    | Caret
                    | DotDot
                    | DotDotEqual
                    | AndAnd
            )
            || self.is_comparison()
    }

    /// Whether this token is a comparison operator, such as `==`.
    pub fn is_comparison(&self) -> bool {
        use TokenKind::*;
        matches!(self, EqualEqual | BangEqual | Less | LessEqual | Greater | GreaterEqual)
    }

    /// Whether an expression can begin with this token.
    pub fn begins_expression(&self) -> bool {
        use TokenKind::*;
        let literal = matches!(self, Integer(_) | Bits(_) | Float(_) | Char(_) | Byte(_) | Bytes(_))
            || matches!(self, String(_) | StringOpen | True | False);
        let control = matches!(self, If | Match | While | For | Loop | Scope | Select | Spawn)
            || matches!(self, Return | Break | Continue | Yield | ReturnAlone | BreakAlone | YieldAlone);
        let symbol = matches!(self, ParenOpen | BracketOpen | BraceOpen | Minus | Bang | Tilde | Bar | OrOr);
        literal || control || symbol || matches!(self, Identifier(_) | SelfValue | Error)
    }

    /// Whether this token most likely begins an operand: any token that begins an expression, except `-`, `|`, `||` and
    /// `[`, which may also continue an expression.
    pub fn is_operand(&self) -> bool {
        use TokenKind::*;
        self.begins_expression() && !matches!(self, Minus | Bar | OrOr | BracketOpen)
    }

    /// Whether an item can begin with this token.
    pub fn begins_item(&self) -> bool {
        use TokenKind::*;
        matches!(
            self,
            Const | Enum | Extern | Fn | Gen | Impl | Import | Pub | Struct | Test | Trait | Type | Doc(_)
        )
    }
}
