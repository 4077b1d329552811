// 40_query.y -- SELECT, VALUES, set operations, WITH, ORDER BY, LIMIT.

%type query {struct lt_ast_query *}
query(A) ::= query_plain(Q). { A = Q; }
query(A) ::= WITH(T) recursive(R) ctes(L) query_plain(Q). { A = lt_build_with(p, T, R, L, Q); }

%type recursive {bool}
recursive(A) ::= . { A = false; }
recursive(A) ::= RECURSIVE. { A = true; }
%type ctes {struct lt_list}
ctes(A) ::= cte(X). { A = lt_build_ctes(p, LT_LIST_EMPTY, X); }
ctes(A) ::= ctes(L) COMMA cte(X). { A = lt_build_ctes(p, L, X); }
%type cte {struct lt_ast_with *}
cte(A) ::= name(N) names_opt(L) AS subquery(Q). { A = lt_build_cte(p, N, L, Q); }

%type query_plain {struct lt_ast_query *}
query_plain(A) ::= body(Q) order_opt(O) limits(L) emit_opt(E). {
    A = lt_build_query(p, Q, O, L, E);
}

%type limits {struct lt_limits *}
limits(A) ::= . { A = NULL; }
limits(A) ::= limits(L) LIMIT(T) expr(X). { A = lt_build_limit(p, L, T, X); }
limits(A) ::= limits(L) LIMIT ALL. { A = L; }
limits(A) ::= limits(L) OFFSET(T) expr(X) rows_opt. { A = lt_build_offset(p, L, T, X); }
limits(A) ::= limits(L) FETCH(T) FIRST|NEXT expr(X) ROW|ROWS ONLY. {
    A = lt_build_limit(p, L, T, X);
}
limits(A) ::= limits(L) FETCH(T) FIRST|NEXT ROW|ROWS ONLY. { A = lt_build_limit(p, L, T, NULL); }
rows_opt ::= .
rows_opt ::= ROW|ROWS.

%type body {struct lt_ast_query *}
body(A) ::= term(Q). { A = Q; }
body(A) ::= body(X) UNION set_all(D) term(Y). { A = lt_build_set_op(p, LT_AST_UNION, D, X, Y); }
body(A) ::= body(X) EXCEPT set_all(D) term(Y). { A = lt_build_set_op(p, LT_AST_EXCEPT, D, X, Y); }
%type term {struct lt_ast_query *}
term(A) ::= query_primary(Q). { A = Q; }
term(A) ::= term(X) INTERSECT set_all(D) query_primary(Y). {
    A = lt_build_set_op(p, LT_AST_INTERSECT, D, X, Y);
}
%type set_all {bool}
set_all(A) ::= . { A = false; }
set_all(A) ::= DISTINCT. { A = false; }
set_all(A) ::= ALL. { A = true; }

%type query_primary {struct lt_ast_query *}
query_primary(A) ::= subquery(Q). [LONG] { A = Q; }
query_primary(A) ::= VALUES(T) rows(L). { A = lt_build_values(p, T, L); }
query_primary(A) ::= TABLE(T) path(L). { A = lt_build_explicit_table(p, T, L); }
query_primary(A) ::= select(Q) select_tail(T). { A = lt_build_select_tail(p, Q, T); }

%type subquery {struct lt_ast_query *}
subquery(A) ::= LP(T) query(Q) RP. { A = lt_build_subquery(p, T, Q); }

%type select {struct lt_ast_query *}
select(A) ::= SELECT(T) hints_opt(H) distinct(D) items(L). { A = lt_build_select(p, T, H, D, L); }
%type distinct {bool}
distinct(A) ::= . { A = false; }
distinct(A) ::= ALL. { A = false; }
distinct(A) ::= DISTINCT. { A = true; }

%type select_tail {struct lt_select_tail *}
select_tail(A) ::= from_opt(F) where_opt(W) group_opt(G) having_opt(H) windows_opt(N)
                   qualify_opt(Q). {
    A = lt_build_tail(p, F, W, G, H, N, Q);
}

%type items {struct lt_list}
items(A) ::= item(X). { A = lt_build_items(p, LT_LIST_EMPTY, X); }
items(A) ::= items(L) COMMA item(X). { A = lt_build_items(p, L, X); }
%type item {struct lt_ast_select_item *}
item(A) ::= expr(X). { A = lt_build_item(p, X, NULL); }
item(A) ::= expr(X) AS name(N). { A = lt_build_item(p, X, N); }
item(A) ::= expr(X) name(N). { A = lt_build_item(p, X, lt_build_bare_alias(p, N)); }
item(A) ::= STAR(T). { A = lt_build_item(p, lt_build_star(p, LT_LIST_EMPTY, T), NULL); }
item(A) ::= path(L) DOT STAR(T). { A = lt_build_item(p, lt_build_star(p, L, T), NULL); }
item(A) ::= operand(X) DOT STAR(T). { A = lt_build_item(p, lt_build_field_star(p, X, T), NULL); }

%type where_opt {struct lt_ast_expr *}
where_opt(A) ::= . { A = NULL; }
where_opt(A) ::= WHERE expr(X). { A = X; }
%type having_opt {struct lt_ast_expr *}
having_opt(A) ::= . { A = NULL; }
having_opt(A) ::= HAVING expr(X). { A = X; }
%type qualify_opt {struct lt_ast_expr *}
qualify_opt(A) ::= . { A = NULL; }
qualify_opt(A) ::= QUALIFY expr(X). { A = X; }

%type group_opt {struct lt_list}
group_opt(A) ::= . { A = LT_LIST_EMPTY; }
group_opt(A) ::= GROUP BY groups(L). { A = L; }
group_opt(A) ::= GROUP BY DISTINCT groups(L). { A = lt_build_group_distinct(L); }
%type groups {struct lt_list}
groups(A) ::= group(X). { A = lt_build_groups(p, LT_LIST_EMPTY, X); }
groups(A) ::= groups(L) COMMA group(X). { A = lt_build_groups(p, L, X); }
%type group {struct lt_list}
group(A) ::= expr(X). { A = lt_build_group_expr(p, X); }
group(A) ::= LP(T) RP. { A = lt_build_group(p, LT_AST_GROUP_TUPLE, T, LT_LIST_EMPTY); }
group(A) ::= GROUPING(T) SETS LP members(L) RP. { A = lt_build_group(p, LT_AST_GROUP_SETS, T, L); }
group(A) ::= ROLLUP(T) LP members(L) RP. { A = lt_build_group(p, LT_AST_GROUP_ROLLUP, T, L); }
group(A) ::= CUBE(T) LP members(L) RP. { A = lt_build_group(p, LT_AST_GROUP_CUBE, T, L); }

// Inside GROUPING SETS and its like a tuple stays one.
%type members {struct lt_list}
members(A) ::= group(X). { A = X; }
members(A) ::= members(L) COMMA group(X). { A = lt_build_member(p, L, X); }

%type windows_opt {struct lt_list}
windows_opt(A) ::= . { A = LT_LIST_EMPTY; }
windows_opt(A) ::= WINDOW windows(L). { A = L; }
%type windows {struct lt_list}
windows(A) ::= name(N) AS LP window_spec(W) RP. {
    A = lt_build_windows(p, LT_LIST_EMPTY, N, W);
}
windows(A) ::= windows(L) COMMA name(N) AS LP window_spec(W) RP. {
    A = lt_build_windows(p, L, N, W);
}

%type rows {struct lt_list}
rows(A) ::= expr(X). { A = lt_build_values_row(p, LT_LIST_EMPTY, X); }
rows(A) ::= rows(L) COMMA expr(X). { A = lt_build_values_row(p, L, X); }
