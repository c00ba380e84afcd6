//! Refuses a SQL condition that is nested too deeply before it is parsed: the parser tries some constructs twice a level, and
//! the evaluation has a stack.

use sqlparser::tokenizer::Token;

/// Levels of parentheses, brackets and CASE within one another.
const MAX_LEVELS: usize = 40;

/// Levels of what the parser tries twice a level.
const MAX_CASTS: usize = 8;

/// What is nested too deeply in a condition of these tokens, in words.
pub fn too_deep(tokens: &[Token]) -> Option<String> {
    let (mut open, mut casts, mut brackets, mut intervals) = (Vec::new(), 0, 0, 0);
    let mut last = String::new();
    for token in tokens {
        match token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => {
                let is_cast = last.ends_with("cast");
                open.push(is_cast);
                casts += usize::from(is_cast);
                brackets += usize::from(*token == Token::LBracket);
            }
            Token::RParen | Token::RBracket | Token::RBrace => casts -= usize::from(open.pop() == Some(true)),
            Token::Word(word) if word.quote_style.is_none() => match word.value.to_lowercase().as_str() {
                "case" => open.push(false),
                "end" => casts -= usize::from(open.pop() == Some(true)),
                "interval" => intervals += 1,
                _ => {}
            },
            _ => {}
        }
        last = if let Token::Word(word) = token { word.value.to_lowercase() } else { String::new() };
        if open.len() > MAX_LEVELS {
            return Some(format!("it is nested more than {MAX_LEVELS} levels deep"));
        }
        if casts > MAX_CASTS || brackets > MAX_CASTS || intervals > MAX_CASTS {
            return Some(format!("it has more than {MAX_CASTS} casts, brackets or intervals within one another"));
        }
    }
    None
}
