// 32_call.y -- function calls. No function is a token: the forms with words
// between the arguments are accepted for every name, and build_call.c checks
// which function may use which.

%type call {struct lt_ast_expr *}
call(A) ::= plain_call(X). { A = X; }
call(A) ::= FINAL_S|RUNNING_S(T) plain_call(X). { A = lt_build_call_semantics(p, T, X); }
call(A) ::= call(X) WITHIN_G GROUP LP ORDER BY orders(L) RP. {
    A = lt_build_call_within_group(p, X, L);
}
call(A) ::= call(X) FILTER LP WHERE expr(E) RP. { A = lt_build_call_filter(p, X, E); }
call(A) ::= call(X) IGNORE|RESPECT(T) NULLS. { A = lt_build_call_nulls(p, X, T); }
call(A) ::= call(X) OVER(T) name(N). {
    A = lt_build_call_over(p, X, T, lt_build_window_ref(p, N));
}
call(A) ::= call(X) OVER(T) LP window_spec(W) RP. { A = lt_build_call_over(p, X, T, W); }

%type plain_call {struct lt_ast_expr *}
plain_call(A) ::= path(N) LP RP. { A = lt_build_call(p, N, NULL, LT_LIST_EMPTY, NULL); }
plain_call(A) ::= path(N) LP args(L) call_tail(T) RP. { A = lt_build_call(p, N, NULL, L, T); }
plain_call(A) ::= path(N) LP DISTINCT|ALL(Q) args(L) call_tail(T) RP. {
    A = lt_build_call(p, N, &Q, L, T);
}
plain_call(A) ::= path(N) LP expr(X) AS type(T) RP. { A = lt_build_cast(p, N, X, T); }
plain_call(A) ::= path(N) LP expr(X) FROM expr(Y) RP. {
    A = lt_build_worded(p, LT_FORM_FROM, N, X, Y, NULL, NULL);
}
plain_call(A) ::= path(N) LP expr(X) FROM expr(Y) FOR expr(Z) RP. {
    A = lt_build_worded(p, LT_FORM_FROM_FOR, N, X, Y, Z, NULL);
}
plain_call(A) ::= path(N) LP expr(X) PLACING expr(Y) FROM expr(Z) RP. {
    A = lt_build_worded(p, LT_FORM_PLACING, N, X, Y, Z, NULL);
}
plain_call(A) ::= path(N) LP expr(X) PLACING expr(Y) FROM expr(Z) FOR expr(W) RP. {
    A = lt_build_worded(p, LT_FORM_PLACING, N, X, Y, Z, W);
}
plain_call(A) ::= path(N) LP expr(X) IN_BARE expr(Y) RP. {
    A = lt_build_worded(p, LT_FORM_IN, N, X, Y, NULL, NULL);
}
plain_call(A) ::= path(N) LP expr(X) TO ID(U) RP. { A = lt_build_to_unit(p, N, X, U); }
plain_call(A) ::= path(N) LP BOTH|LEADING|TRAILING(T) FROM expr(X) RP. {
    A = lt_build_trim(p, N, T, NULL, X);
}
plain_call(A) ::= path(N) LP BOTH|LEADING|TRAILING(T) expr(X) FROM expr(Y) RP. {
    A = lt_build_trim(p, N, T, X, Y);
}

%type args {struct lt_list}
args(A) ::= arg(X). { A = lt_build_args(p, LT_LIST_EMPTY, X); }
args(A) ::= args(L) COMMA arg(X). { A = lt_build_args(p, L, X); }

%type arg {struct lt_list}
arg(A) ::= arg_value(X). { A = lt_build_exprs(p, LT_LIST_EMPTY, X); }
arg(A) ::= STAR(T). { A = lt_build_exprs(p, LT_LIST_EMPTY, lt_build_star(p, LT_LIST_EMPTY, T)); }
arg(A) ::= path(L) DOT STAR(T). {
    A = lt_build_exprs(p, LT_LIST_EMPTY, lt_build_star(p, L, T));
}
arg(A) ::= name(N) ARROW arg_value(X). {
    A = lt_build_exprs(p, LT_LIST_EMPTY, lt_build_named_arg(p, N, X));
}
arg(A) ::= KEY_J expr(X) VALUE expr(Y). { A = lt_build_pair(p, X, Y); }
arg(A) ::= expr(X) VALUE expr(Y). { A = lt_build_pair(p, X, Y); }
arg(A) ::= expr(X) COLON expr(Y). { A = lt_build_pair(p, X, Y); }

%type arg_value {struct lt_ast_expr *}
arg_value(A) ::= expr(X). { A = X; }
arg_value(A) ::= TABLE(T) path(L) table_arg_partition(P) table_arg_order(O). {
    A = lt_build_table_arg(p, T, L, NULL, P, O);
}
arg_value(A) ::= TABLE(T) subquery(Q) table_arg_partition(P) table_arg_order(O). {
    A = lt_build_table_arg(p, T, LT_LIST_EMPTY, Q, P, O);
}
// One expression, because a comma goes on with the arguments: (a, b) for two.
%type table_arg_partition {struct lt_list}
table_arg_partition(A) ::= . { A = LT_LIST_EMPTY; }
table_arg_partition(A) ::= PARTITION BY expr(X). { A = lt_build_unrow(p, X); }
%type table_arg_order {struct lt_list}
table_arg_order(A) ::= . [SHORT] { A = LT_LIST_EMPTY; }
table_arg_order(A) ::= ORDER BY order(X). { A = lt_build_unrow_order(p, X); }

// What may follow the arguments inside the parentheses.
%type call_tail {struct lt_call_tail *}
call_tail(A) ::= . { A = NULL; }
call_tail(A) ::= call_tail(T) ORDER BY orders(L). { A = lt_build_tail_order(p, T, L); }
call_tail(A) ::= call_tail(T) IGNORE|RESPECT(W) NULLS. { A = lt_build_tail_nulls(p, T, W); }
call_tail(A) ::= call_tail(T) RETURNING bare_type(X). { A = lt_build_tail_returning(p, T, X); }
call_tail(A) ::= call_tail(T) json_behaviour(B) ON json_event(E). {
    A = lt_build_tail_words(p, T, B, E);
}
call_tail(A) ::= call_tail(T) DEFAULT(D) expr(X) ON json_event(E). {
    A = lt_build_tail_default(p, T, D, X, E);
}
call_tail(A) ::= call_tail(T) WITHOUT(B) array_opt WRAPPER. {
    A = lt_build_tail_wrapper(p, T, B, "WITHOUT WRAPPER");
}
call_tail(A) ::= call_tail(T) WITH(B) array_opt WRAPPER. {
    A = lt_build_tail_wrapper(p, T, B, "WITH WRAPPER");
}
call_tail(A) ::= call_tail(T) WITH(B) UNCONDITIONAL array_opt WRAPPER. {
    A = lt_build_tail_wrapper(p, T, B, "WITH WRAPPER");
}
call_tail(A) ::= call_tail(T) WITH(B) CONDITIONAL array_opt WRAPPER. {
    A = lt_build_tail_wrapper(p, T, B, "WITH CONDITIONAL WRAPPER");
}
array_opt ::= .
array_opt ::= ARRAY.

%type json_behaviour {struct lt_words}
json_behaviour(A) ::= NULL|ERROR|TRUE|FALSE|UNKNOWN|ABSENT(T). { A = lt_build_words(T, NULL); }
json_behaviour(A) ::= EMPTY(T) ARRAY|OBJECT(U). { A = lt_build_words(T, &U); }
%type json_event {struct lt_token}
json_event(A) ::= NULL|ERROR|EMPTY(T). { A = T; }

%type order {struct lt_ast_order *}
order(A) ::= expr(X) direction(D) nulls(N). { A = lt_build_order(p, X, D, N); }
%type orders {struct lt_list}
orders(A) ::= order(X). { A = lt_build_orders(p, LT_LIST_EMPTY, X); }
orders(A) ::= orders(L) COMMA order(X). { A = lt_build_orders(p, L, X); }
%type order_opt {struct lt_list}
order_opt(A) ::= . { A = LT_LIST_EMPTY; }
order_opt(A) ::= ORDER BY orders(L). { A = L; }
%type direction {bool}
direction(A) ::= . { A = false; }
direction(A) ::= ASC. { A = false; }
direction(A) ::= DESC. { A = true; }
%type nulls {int}
nulls(A) ::= . { A = LT_AST_NULLS_DEFAULT; }
nulls(A) ::= NULLS FIRST. { A = LT_AST_NULLS_FIRST; }
nulls(A) ::= NULLS LAST. { A = LT_AST_NULLS_LAST; }

%type partition_opt {struct lt_list}
partition_opt(A) ::= . { A = LT_LIST_EMPTY; }
partition_opt(A) ::= PARTITION BY exprs(L). { A = L; }

// OVER (...) and WINDOW w AS (...).
%type window_spec {struct lt_ast_window *}
window_spec(A) ::= window_base(B) partition_opt(L) order_opt(O) frame(F). {
    A = lt_build_window(p, B, L, O, F);
}
%type window_base {struct lt_ast_name *}
window_base(A) ::= . { A = NULL; }
window_base(A) ::= name(N). { A = N; }

%type frame {struct lt_frame *}
frame(A) ::= . { A = NULL; }
frame(A) ::= ROWS|RANGE(T) bound(X). { A = lt_build_frame(p, T, X, NULL); }
frame(A) ::= ROWS|RANGE(T) BETWEEN bound(X) AND bound(Y). { A = lt_build_frame(p, T, X, Y); }

%type bound {struct lt_ast_bound *}
bound(A) ::= UNBOUNDED PRECEDING. { A = lt_build_bound(p, LT_AST_UNBOUNDED_PRECEDING, NULL); }
bound(A) ::= UNBOUNDED FOLLOWING. { A = lt_build_bound(p, LT_AST_UNBOUNDED_FOLLOWING, NULL); }
bound(A) ::= CURRENT ROW. { A = lt_build_bound(p, LT_AST_CURRENT_ROW, NULL); }
bound(A) ::= expr(X) PRECEDING. { A = lt_build_bound(p, LT_AST_PRECEDING, X); }
bound(A) ::= expr(X) FOLLOWING. { A = lt_build_bound(p, LT_AST_FOLLOWING, X); }
