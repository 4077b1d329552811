// 00_head.y -- what lemon is told once: names, types of the token, precedences.
//
// The fragments NN_*.y of this folder are joined in name order. An action is
// one call of a helper (parser/build.h). lemon runs with -c: no default
// reductions, so that a keyword the state knows always wins over its fallback
// to a name, and so that the set of expected tokens can be read off the tables.

%name lt_grammar
%token_prefix LT_TK_
%token_type {struct lt_token}
%extra_argument {struct lt_parse *p}
%stack_size 4000
%start_symbol input

%include {
#include "parser/build.h"
#include "parser/grammar_tables.h"

/* Memory for the parser comes from lt_alloc, and the first error ends it. */
#define lt_grammar_ENGINEALWAYSONSTACK 1
#define YYNOERRORRECOVERY 1
}

%syntax_error {
    (void)yymajor;
    lt_parse_refuse(p, TOKEN);
}
%stack_overflow { lt_parse_too_deep(p); }

// Never written by anybody: which grammar an input follows, words the lexer
// hands over whole, faults.
%token START_STMT START_EXPR START_QUERY START_TYPE SEMICOLON HINT HINT_OPEN HINT_CLOSE RAW ILLEGAL.

// Where a short and a long reading compete, the long one wins.
%nonassoc SHORT.
%nonassoc LONG TO ORDER IGNORE RESPECT VALUE.

// Operators, loosest first (Calcite's levels).
%left OR.
%left AND.
%right NOT.
%left IS.
%left EQ NE LT LE GT GE.
%left BETWEEN IN LIKE ILIKE SIMILAR RLIKE REGEXP OVERLAPS NOT_OP.
%right ESCAPE.
%left PLUS MINUS.
%left STAR SLASH PERCENT CONCAT.
%right UNARY.
%left AT_TZ.

input ::= START_STMT stmt(X). { lt_build_result_stmt(p, X); }
input ::= START_EXPR expr(X). { lt_build_result_expr(p, X); }
input ::= START_QUERY query(X). { lt_build_result_query(p, X); }
input ::= START_TYPE type(X). { lt_build_result_type(p, X); }
