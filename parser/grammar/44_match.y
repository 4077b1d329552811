// 44_match.y -- MATCH_RECOGNIZE and its row patterns.

%type match {struct lt_ast_match *}
match(A) ::= partition_opt(K) order_opt(O) measures_opt(M) match_rows(R) skip(S)
             PATTERN LP pattern(X) RP within(W) subsets_opt(U) defines_opt(D). {
    A = lt_build_match(p, &(struct lt_match_parts){K, O, M, R, S, X, W, U, D});
}

%type measures_opt {struct lt_list}
measures_opt(A) ::= . { A = LT_LIST_EMPTY; }
measures_opt(A) ::= MEASURES measures(L). { A = L; }
%type measures {struct lt_list}
measures(A) ::= measure(M). { A = lt_build_measures(p, LT_LIST_EMPTY, M); }
measures(A) ::= measures(L) COMMA measure(M). { A = lt_build_measures(p, L, M); }
%type measure {struct lt_ast_measure *}
measure(A) ::= expr(X) AS name(N). { A = lt_build_measure(p, NULL, X, N); }
measure(A) ::= FINAL_M|RUNNING_M(T) expr(X) AS name(N). { A = lt_build_measure(p, &T, X, N); }

%type match_rows {struct lt_match_rows}
match_rows(A) ::= . { A = (struct lt_match_rows){LT_AST_ROWS_DEFAULT, false}; }
match_rows(A) ::= ONE ROW PER MATCH timeout_rows(T). {
    A = (struct lt_match_rows){LT_AST_ONE_ROW, T};
}
match_rows(A) ::= ALL ROWS PER MATCH timeout_rows(T). {
    A = (struct lt_match_rows){LT_AST_ALL_ROWS, T};
}
match_rows(A) ::= ALL ROWS PER MATCH SHOW EMPTY MATCHES timeout_rows(T). {
    A = (struct lt_match_rows){LT_AST_ALL_ROWS_SHOW_EMPTY, T};
}
match_rows(A) ::= ALL ROWS PER MATCH OMIT EMPTY MATCHES timeout_rows(T). {
    A = (struct lt_match_rows){LT_AST_ALL_ROWS_OMIT_EMPTY, T};
}
match_rows(A) ::= ALL ROWS PER MATCH WITH UNMATCHED ROWS timeout_rows(T). {
    A = (struct lt_match_rows){LT_AST_ALL_ROWS_WITH_UNMATCHED, T};
}
match_rows(A) ::= WITH TIMEOUT ROWS. { A = (struct lt_match_rows){LT_AST_ROWS_DEFAULT, true}; }
%type timeout_rows {bool}
timeout_rows(A) ::= . { A = false; }
timeout_rows(A) ::= WITH TIMEOUT ROWS. { A = true; }

%type skip {struct lt_match_skip}
skip(A) ::= . { A = (struct lt_match_skip){LT_AST_SKIP_DEFAULT, NULL}; }
skip(A) ::= AFTER MATCH SKIP PAST LAST ROW. {
    A = (struct lt_match_skip){LT_AST_SKIP_PAST_LAST, NULL};
}
skip(A) ::= AFTER MATCH SKIP TO NEXT ROW. {
    A = (struct lt_match_skip){LT_AST_SKIP_TO_NEXT, NULL};
}
skip(A) ::= AFTER MATCH SKIP TO FIRST name(N). {
    A = (struct lt_match_skip){LT_AST_SKIP_TO_FIRST, N};
}
skip(A) ::= AFTER MATCH SKIP TO LAST name(N). {
    A = (struct lt_match_skip){LT_AST_SKIP_TO_LAST, N};
}
skip(A) ::= AFTER MATCH SKIP TO name(N). { A = (struct lt_match_skip){LT_AST_SKIP_TO_LAST, N}; }

%type within {struct lt_ast_expr *}
within(A) ::= . { A = NULL; }
within(A) ::= WITHIN expr(X). { A = X; }

%type subsets_opt {struct lt_list}
subsets_opt(A) ::= . { A = LT_LIST_EMPTY; }
subsets_opt(A) ::= SUBSET subsets(L). { A = L; }
%type subsets {struct lt_list}
subsets(A) ::= name(N) EQ LP names(M) RP. { A = lt_build_subset(p, LT_LIST_EMPTY, N, M); }
subsets(A) ::= subsets(L) COMMA name(N) EQ LP names(M) RP. { A = lt_build_subset(p, L, N, M); }

%type defines_opt {struct lt_list}
defines_opt(A) ::= . { A = LT_LIST_EMPTY; }
defines_opt(A) ::= DEFINE defines(L). { A = L; }
%type defines {struct lt_list}
defines(A) ::= name(N) AS expr(X). { A = lt_build_define(p, LT_LIST_EMPTY, N, X); }
defines(A) ::= defines(L) COMMA name(N) AS expr(X). { A = lt_build_define(p, L, N, X); }

// Alternatives of sequences of quantified atoms. A sequence may be empty, so
// `a || b` is a, nothing, or b.
%type pattern {struct lt_ast_pattern *}
pattern(A) ::= alternatives(L). { A = lt_build_pattern_list(p, LT_AST_PATTERN_ALTER, L); }
%type alternatives {struct lt_list}
alternatives(A) ::= sequence(L). { A = lt_build_pattern_sequence(p, LT_LIST_EMPTY, L, false); }
alternatives(A) ::= alternatives(X) BAR sequence(L). {
    A = lt_build_pattern_sequence(p, X, L, false);
}
alternatives(A) ::= alternatives(X) CONCAT sequence(L). {
    A = lt_build_pattern_sequence(p, X, L, true);
}
%type sequence {struct lt_list}
sequence(A) ::= . { A = LT_LIST_EMPTY; }
sequence(A) ::= sequence(L) quantified(X). { A = lt_build_patterns(p, L, X); }

%type quantified {struct lt_ast_pattern *}
quantified(A) ::= atom(X). { A = X; }
quantified(A) ::= atom(X) quantifier(Q). { A = lt_build_repeat(p, X, Q, false); }
quantified(A) ::= atom(X) quantifier(Q) QUESTION. { A = lt_build_repeat(p, X, Q, true); }

%type quantifier {struct lt_quantifier}
quantifier(A) ::= STAR. { A = (struct lt_quantifier){0, -1}; }
quantifier(A) ::= PLUS. { A = (struct lt_quantifier){1, -1}; }
quantifier(A) ::= QUESTION. { A = (struct lt_quantifier){0, 1}; }
quantifier(A) ::= LBRACE NUMBER(X) RBRACE. { A = lt_build_quantifier(p, &X, &X); }
quantifier(A) ::= LBRACE NUMBER(X) COMMA RBRACE. { A = lt_build_quantifier(p, &X, NULL); }
quantifier(A) ::= LBRACE COMMA NUMBER(Y) RBRACE. { A = lt_build_quantifier(p, NULL, &Y); }
quantifier(A) ::= LBRACE NUMBER(X) COMMA NUMBER(Y) RBRACE. { A = lt_build_quantifier(p, &X, &Y); }
quantifier(A) ::= LBRACE COMMA RBRACE. { A = (struct lt_quantifier){0, -1}; }

%type atom {struct lt_ast_pattern *}
atom(A) ::= name(N). { A = lt_build_variable(p, N); }
atom(A) ::= LP pattern(X) RP. { A = X; }
atom(A) ::= EXCLUDE_OPEN(T) pattern(X) EXCLUDE_CLOSE. { A = lt_build_exclude(p, T, X); }
atom(A) ::= CARET(T). { A = lt_build_anchor(p, LT_AST_PATTERN_START, T); }
atom(A) ::= DOLLAR(T). { A = lt_build_anchor(p, LT_AST_PATTERN_END, T); }
atom(A) ::= TIMEOUT_P(T) LP RP. { A = lt_build_anchor(p, LT_AST_PATTERN_TIMEOUT, T); }
atom(A) ::= PERMUTE_P(T) LP permuted(L) RP. { A = lt_build_permute(p, T, L); }
%type permuted {struct lt_list}
permuted(A) ::= pattern(X). { A = lt_build_patterns(p, LT_LIST_EMPTY, X); }
permuted(A) ::= permuted(L) COMMA pattern(X). { A = lt_build_patterns(p, L, X); }
