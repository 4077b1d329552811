// 30_expr.y -- expressions: operators by precedence, then what stands alone.

%type expr {struct lt_ast_expr *}
expr(A) ::= primary(X). { A = X; }
expr(A) ::= expr(X) OR(T) expr(Y). { A = lt_build_binary(p, X, T, Y); }
expr(A) ::= expr(X) AND(T) expr(Y). { A = lt_build_binary(p, X, T, Y); }
expr(A) ::= NOT(T) expr(X). { A = lt_build_unary(p, T, X); }
expr(A) ::= expr(X) IS is_test(OP). { A = lt_build_is(p, X, OP); }
expr(A) ::= expr(X) IS DISTINCT FROM expr(Y). {
    A = lt_build_op(p, LT_AST_OP_IS_DISTINCT, X, Y);
}
expr(A) ::= expr(X) IS NOT DISTINCT FROM expr(Y). [IS] {
    A = lt_build_op(p, LT_AST_OP_IS_NOT_DISTINCT, X, Y);
}
expr(A) ::= expr(X) EQ|NE|LT|LE|GT|GE(T) expr(Y). { A = lt_build_binary(p, X, T, Y); }
expr(A) ::= expr(X) EQ|NE|LT|LE|GT|GE(T) ANY_P|ALL_P(W) subquery(Q). {
    A = lt_build_quantified(p, X, T, W, Q);
}
expr(A) ::= expr(X) BETWEEN symmetric(S) expr(L) AND expr(H). [BETWEEN] {
    A = lt_build_between(p, X, S, L, H);
}
expr(A) ::= expr(X) NOT_OP BETWEEN symmetric(S) expr(L) AND expr(H). [BETWEEN] {
    A = lt_build_not(p, lt_build_between(p, X, S, L, H));
}
expr(A) ::= expr(X) like(T) expr(Y). [LIKE] { A = lt_build_like(p, X, T, Y, NULL); }
expr(A) ::= expr(X) like(T) expr(Y) ESCAPE expr(E). [LIKE] { A = lt_build_like(p, X, T, Y, E); }
expr(A) ::= expr(X) NOT_OP like(T) expr(Y). [LIKE] {
    A = lt_build_not(p, lt_build_like(p, X, T, Y, NULL));
}
expr(A) ::= expr(X) NOT_OP like(T) expr(Y) ESCAPE expr(E). [LIKE] {
    A = lt_build_not(p, lt_build_like(p, X, T, Y, E));
}
expr(A) ::= expr(X) IN LP exprs(L) RP. { A = lt_build_in(p, X, L); }
expr(A) ::= expr(X) NOT_OP IN LP exprs(L) RP. { A = lt_build_not(p, lt_build_in(p, X, L)); }
expr(A) ::= expr(X) IN subquery(Q). { A = lt_build_in_query(p, X, Q); }
expr(A) ::= expr(X) NOT_OP IN subquery(Q). { A = lt_build_not(p, lt_build_in_query(p, X, Q)); }
expr(A) ::= expr(X) OVERLAPS expr(Y). { A = lt_build_op(p, LT_AST_OP_OVERLAPS, X, Y); }
expr(A) ::= expr(X) PLUS|MINUS(T) expr(Y). { A = lt_build_binary(p, X, T, Y); }
expr(A) ::= expr(X) STAR|SLASH|PERCENT|CONCAT(T) expr(Y). { A = lt_build_binary(p, X, T, Y); }
expr(A) ::= PLUS|MINUS(T) expr(X). [UNARY] { A = lt_build_unary(p, T, X); }
expr(A) ::= expr(X) AT_TZ TIME ZONE expr(Y). { A = lt_build_op(p, LT_AST_OP_AT_TIME_ZONE, X, Y); }

%type like {struct lt_token}
like(A) ::= LIKE|ILIKE|RLIKE|REGEXP(T). { A = T; }
like(A) ::= SIMILAR(T) TO. { A = T; }

%type symmetric {bool}
symmetric(A) ::= . { A = false; }
symmetric(A) ::= ASYMMETRIC. { A = false; }
symmetric(A) ::= SYMMETRIC. { A = true; }

%type is_test {enum lt_ast_op}
is_test(A) ::= is_what(W). { A = W; }
is_test(A) ::= NOT is_what(W). { A = lt_build_is_not(W); }
%type is_what {enum lt_ast_op}
is_what(A) ::= NULL. { A = LT_AST_OP_IS_NULL; }
is_what(A) ::= TRUE. { A = LT_AST_OP_IS_TRUE; }
is_what(A) ::= FALSE. { A = LT_AST_OP_IS_FALSE; }
is_what(A) ::= UNKNOWN. { A = LT_AST_OP_IS_UNKNOWN; }
is_what(A) ::= JSON. [SHORT] { A = LT_AST_OP_IS_JSON; }
is_what(A) ::= JSON VALUE. { A = LT_AST_OP_IS_JSON; }
is_what(A) ::= JSON OBJECT. { A = LT_AST_OP_IS_JSON_OBJECT; }
is_what(A) ::= JSON ARRAY. { A = LT_AST_OP_IS_JSON_ARRAY; }
is_what(A) ::= JSON SCALAR. { A = LT_AST_OP_IS_JSON_SCALAR; }

%type exprs {struct lt_list}
exprs(A) ::= expr(X). { A = lt_build_exprs(p, LT_LIST_EMPTY, X); }
exprs(A) ::= exprs(L) COMMA expr(X). { A = lt_build_exprs(p, L, X); }

%type exprs_opt {struct lt_list}
exprs_opt(A) ::= . { A = LT_LIST_EMPTY; }
exprs_opt(A) ::= exprs(L). { A = L; }

// A path is a column until something follows it; `operand` is everything else
// that needs no parentheses.
%type primary {struct lt_ast_expr *}
primary(A) ::= path(L). { A = lt_build_column(p, L); }
primary(A) ::= operand(X). { A = X; }

%type operand {struct lt_ast_expr *}
operand(A) ::= literal(X). { A = X; }
operand(A) ::= call(X). [SHORT] { A = X; }
operand(A) ::= subquery(Q). [SHORT] { A = lt_build_scalar_query(p, Q); }
operand(A) ::= QUESTION(T). { A = lt_build_parameter(p, T); }
operand(A) ::= LP(T) expr(X) RP. { A = lt_build_parenthesised(p, T, X); }
operand(A) ::= LP(T) expr(X) COMMA exprs(L) RP. { A = lt_build_row(p, T, X, L); }
operand(A) ::= ROW_P(T) LP exprs_opt(L) RP. { A = lt_build_list(p, LT_AST_ROW, T, L); }
operand(A) ::= ARRAY_B(T) LBRACKET exprs_opt(L) RBRACKET. {
    A = lt_build_list(p, LT_AST_ARRAY, T, L);
}
operand(A) ::= MAP_B(T) LBRACKET exprs_opt(L) RBRACKET. { A = lt_build_map(p, T, L); }
operand(A) ::= MULTISET_B(T) LBRACKET exprs_opt(L) RBRACKET. {
    A = lt_build_list(p, LT_AST_MULTISET, T, L);
}
operand(A) ::= ARRAY_P(T) subquery(Q). { A = lt_build_query_expr(p, LT_AST_ARRAY_QUERY, T, Q); }
operand(A) ::= EXISTS_P(T) subquery(Q). { A = lt_build_query_expr(p, LT_AST_EXISTS, T, Q); }
operand(A) ::= CASE(T) case_value(V) whens(L) case_else(E) END. {
    A = lt_build_case(p, T, V, L, E);
}
operand(A) ::= primary(X) LBRACKET expr(I) RBRACKET. { A = lt_build_index(p, X, I); }
operand(A) ::= operand(X) DOT name(N). { A = lt_build_field_of(p, X, N); }

%type case_value {struct lt_ast_expr *}
case_value(A) ::= . { A = NULL; }
case_value(A) ::= expr(X). { A = X; }
%type whens {struct lt_list}
whens(A) ::= WHEN expr(X) THEN expr(Y). { A = lt_build_when(p, LT_LIST_EMPTY, X, Y); }
whens(A) ::= whens(L) WHEN expr(X) THEN expr(Y). { A = lt_build_when(p, L, X, Y); }
%type case_else {struct lt_ast_expr *}
case_else(A) ::= . { A = NULL; }
case_else(A) ::= ELSE expr(X). { A = X; }

%type literal {struct lt_ast_expr *}
literal(A) ::= NUMBER|STRING|BINARY|TRUE|FALSE|NULL(T). { A = lt_build_literal(p, T); }
literal(A) ::= DATE_S|TIME_S|TIMESTAMP_S|TIMESTAMP_LTZ_S(T) STRING(S). {
    A = lt_build_time_literal(p, T, T, S);
}
literal(A) ::= TIMESTAMP_Z(T) WITH_TZ LOCAL(L) TIME ZONE STRING(S). {
    A = lt_build_time_literal(p, T, L, S);
}
literal(A) ::= INTERVAL(T) STRING(S) unit_span(U). { A = lt_build_interval(p, T, NULL, S, U); }
literal(A) ::= INTERVAL(T) PLUS|MINUS(G) STRING(S) unit_span(U). {
    A = lt_build_interval(p, T, &G, S, U);
}
literal(A) ::= INTERVAL(T) NUMBER(N) unit(U). {
    A = lt_build_interval_expr(p, T, lt_build_literal(p, N), U);
}
literal(A) ::= INTERVAL(T) path(L) unit(U). {
    A = lt_build_interval_expr(p, T, lt_build_column(p, L), U);
}
literal(A) ::= INTERVAL(T) LP expr(X) RP unit(U). { A = lt_build_interval_expr(p, T, X, U); }
