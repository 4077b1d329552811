// 42_from.y -- tables, joins, table functions.

%type from_opt {struct lt_ast_from *}
from_opt(A) ::= . { A = NULL; }
from_opt(A) ::= FROM from(X). { A = X; }

%type from {struct lt_ast_from *}
from(A) ::= joined(X). { A = X; }
from(A) ::= from(X) COMMA joined(Y). {
    A = lt_build_join(p, X, LT_AST_JOIN_COMMA, Y, (struct lt_join_spec){0});
}

%type joined {struct lt_ast_from *}
joined(A) ::= factor(X). { A = X; }
joined(A) ::= joined(X) join_kind(K) JOIN factor(Y) join_spec(S). {
    A = lt_build_join(p, X, K, Y, S);
}

%type join_kind {int}
join_kind(A) ::= . { A = LT_AST_JOIN_INNER; }
join_kind(A) ::= INNER. { A = LT_AST_JOIN_INNER; }
join_kind(A) ::= CROSS. { A = LT_AST_JOIN_CROSS; }
join_kind(A) ::= outer(K). { A = K; }
join_kind(A) ::= NATURAL. { A = LT_AST_JOIN_INNER | LT_JOIN_NATURAL; }
join_kind(A) ::= NATURAL INNER. { A = LT_AST_JOIN_INNER | LT_JOIN_NATURAL; }
join_kind(A) ::= NATURAL outer(K). { A = K | LT_JOIN_NATURAL; }
join_kind(A) ::= SEMI. { A = LT_AST_JOIN_SEMI; }
join_kind(A) ::= LEFT SEMI. { A = LT_AST_JOIN_SEMI; }
join_kind(A) ::= ANTI. { A = LT_AST_JOIN_ANTI; }
join_kind(A) ::= LEFT ANTI. { A = LT_AST_JOIN_ANTI; }
join_kind(A) ::= ASOF. { A = LT_AST_JOIN_INNER | LT_JOIN_ASOF; }
join_kind(A) ::= ASOF INNER. { A = LT_AST_JOIN_INNER | LT_JOIN_ASOF; }
join_kind(A) ::= ASOF LEFT outer_opt. { A = LT_AST_JOIN_LEFT | LT_JOIN_ASOF; }
join_kind(A) ::= LEFT outer_opt ASOF. { A = LT_AST_JOIN_LEFT | LT_JOIN_ASOF; }
%type outer {int}
outer(A) ::= LEFT outer_opt. { A = LT_AST_JOIN_LEFT; }
outer(A) ::= RIGHT outer_opt. { A = LT_AST_JOIN_RIGHT; }
outer(A) ::= FULL outer_opt. { A = LT_AST_JOIN_FULL; }
outer_opt ::= .
outer_opt ::= OUTER.

%type join_spec {struct lt_join_spec}
join_spec(A) ::= join_on(S). { A = S; }
join_spec(A) ::= MATCH_CONDITION LP expr(X) RP join_on(S). { A = lt_build_match_condition(S, X); }
%type join_on {struct lt_join_spec}
join_on(A) ::= . { A = (struct lt_join_spec){0}; }
join_on(A) ::= ON expr(X). { A = (struct lt_join_spec){.on = X}; }
join_on(A) ::= USING LP names(L) RP. { A = (struct lt_join_spec){.columns = L.first}; }

%type factor {struct lt_ast_from *}
factor(A) ::= table(X). { A = X; }
factor(A) ::= table(X) alias(N). { A = lt_build_aliased(p, X, N); }
factor(A) ::= subquery(Q). [SHORT] { A = lt_build_from_query(p, NULL, Q); }
factor(A) ::= subquery(Q) alias(N). {
    A = lt_build_aliased(p, lt_build_from_query(p, NULL, Q), N);
}
factor(A) ::= LP joined(X) RP. { A = X; }
factor(A) ::= factor(X) MATCH_RECOGNIZE(T) LP match(M) RP. { A = lt_build_from_match(p, X, T, M); }
factor(A) ::= factor(X) MATCH_RECOGNIZE(T) LP match(M) RP alias(N). {
    A = lt_build_aliased(p, lt_build_from_match(p, X, T, M), N);
}

%type table {struct lt_ast_from *}
table(A) ::= path(L) hints_opt(H). { A = lt_build_from_table(p, L, H, NULL); }
table(A) ::= path(L) hints_opt(H) FOR SYSTEM_TIME AS OF expr(X). {
    A = lt_build_from_table(p, L, H, X);
}
table(A) ::= plain_call(X). { A = lt_build_from_call(p, NULL, NULL, X); }
table(A) ::= TABLE(T) LP plain_call(X) RP. { A = lt_build_from_call(p, NULL, &T, X); }
table(A) ::= LATERAL(L) TABLE(T) LP plain_call(X) RP. { A = lt_build_from_call(p, &L, &T, X); }
table(A) ::= LATERAL(L) subquery(Q). { A = lt_build_from_query(p, &L, Q); }
table(A) ::= UNNEST(T) LP exprs(L) RP ordinality(O). { A = lt_build_unnest(p, T, L, O); }
table(A) ::= LATERAL(T) UNNEST LP exprs(L) RP ordinality(O). { A = lt_build_unnest(p, T, L, O); }

%type ordinality {bool}
ordinality(A) ::= . { A = false; }
ordinality(A) ::= WITH ORDINALITY. { A = true; }

%type alias {struct lt_alias}
alias(A) ::= AS name(N) names_opt(L). { A = (struct lt_alias){N, L.first}; }
alias(A) ::= name(N) names_opt(L). {
    A = (struct lt_alias){lt_build_bare_alias(p, N), L.first};
}
