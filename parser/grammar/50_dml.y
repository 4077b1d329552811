// 50_dml.y -- queries as statements, INSERT, UPDATE, DELETE, statement sets,
// EXPLAIN, registered queries, SUBSCRIBE.

%type stmt {struct lt_ast_stmt *}
stmt(A) ::= runnable(S). { A = S; }

// What EXPLAIN explains.
%type runnable {struct lt_ast_stmt *}
runnable(A) ::= query(Q). { A = lt_build_query_stmt(p, Q); }
runnable(A) ::= insert(S). { A = S; }
runnable(A) ::= EXECUTE(T) insert(S). { A = lt_build_execute(p, T, S); }
runnable(A) ::= statement_set(S). { A = S; }
runnable(A) ::= UPDATE(T) path(N) SET assigns(L) where_opt(W). {
    A = lt_build_update(p, T, N, L, W);
}
runnable(A) ::= DELETE(T) FROM path(N) where_opt(W). { A = lt_build_delete(p, T, N, W); }

%type insert {struct lt_ast_stmt *}
insert(A) ::= insert_head(H) query(Q). { A = lt_build_insert(p, H, LT_LIST_EMPTY, Q); }
insert(A) ::= insert_head(H) LP names(L) RP query(Q). { A = lt_build_insert(p, H, L, Q); }
%type insert_head {struct lt_ast_stmt *}
insert_head(A) ::= INSERT(T) INTO|OVERWRITE(O) path(N) hints_opt(H) partition_spec(K). {
    A = lt_build_insert_head(p, T, O, N, H, K);
}

%type partition_spec {struct lt_list}
partition_spec(A) ::= . { A = LT_LIST_EMPTY; }
partition_spec(A) ::= PARTITION LP partition_keys(L) RP. { A = L; }
%type partition_keys {struct lt_list}
partition_keys(A) ::= partition_key(K). { A = lt_build_options(p, LT_LIST_EMPTY, K); }
partition_keys(A) ::= partition_keys(L) COMMA partition_key(K). { A = lt_build_options(p, L, K); }
%type partition_key {struct lt_ast_option *}
partition_key(A) ::= name(N) EQ STRING|NUMBER(V). { A = lt_build_partition_key(p, N, V); }

%type statement_set {struct lt_ast_stmt *}
statement_set(A) ::= EXECUTE(T) STATEMENT SET BEGIN inserts(L) END. {
    A = lt_build_statement_set(p, T, L);
}
statement_set(A) ::= STATEMENT(T) SET BEGIN inserts(L) END. {
    A = lt_build_statement_set(p, T, L);
}
statement_set(A) ::= BEGIN(T) STATEMENT SET SEMICOLON inserts(L) END. {
    A = lt_build_statement_set(p, T, L);
}
%type inserts {struct lt_list}
inserts(A) ::= insert(S) SEMICOLON. { A = lt_build_inserts(p, LT_LIST_EMPTY, S); }
inserts(A) ::= inserts(L) insert(S) SEMICOLON. { A = lt_build_inserts(p, L, S); }

%type assigns {struct lt_list}
assigns(A) ::= name(N) EQ expr(X). { A = lt_build_assign(p, LT_LIST_EMPTY, N, X); }
assigns(A) ::= assigns(L) COMMA name(N) EQ expr(X). { A = lt_build_assign(p, L, N, X); }

stmt(A) ::= EXPLAIN(T) explainable(S). { A = lt_build_explain(p, T, LT_LIST_EMPTY, S); }
stmt(A) ::= EXPLAIN(T) PLAN FOR explainable(S). { A = lt_build_explain(p, T, LT_LIST_EMPTY, S); }
stmt(A) ::= EXPLAIN(T) details(L) explainable(S). { A = lt_build_explain(p, T, L, S); }
stmt(A) ::= EXPLAIN(T) LP explain_options(L) RP explainable(S). {
    A = lt_build_explain(p, T, L, S);
}
stmt(A) ::= EXPLAIN(T) QUERY name(N). { A = lt_build_explain_query(p, T, N); }
%type explainable {struct lt_ast_stmt *}
explainable(A) ::= runnable(S). { A = S; }
explainable(A) ::= create(S). { A = S; }
%type details {struct lt_list}
details(A) ::= ID(T). { A = lt_build_explain_detail(p, LT_LIST_EMPTY, T, NULL); }
details(A) ::= details(L) COMMA ID(T). { A = lt_build_explain_detail(p, L, T, NULL); }
%type explain_options {struct lt_list}
explain_options(A) ::= explain_option(O). { A = lt_build_options(p, LT_LIST_EMPTY, O); }
explain_options(A) ::= explain_options(L) COMMA explain_option(O). {
    A = lt_build_options(p, L, O);
}
%type explain_option {struct lt_ast_option *}
explain_option(A) ::= ID(T). { A = lt_build_explain_option(p, T, NULL); }
explain_option(A) ::= ID(T) ID(V). { A = lt_build_explain_option(p, T, &V); }

stmt(A) ::= PAUSE|RESUME|CANCEL(T) QUERY name(N). { A = lt_build_alter_query(p, T, N); }

stmt(A) ::= SUBSCRIBE(T) to_opt path(N) subscribe_with(W) as_of(E). {
    A = lt_build_subscribe(p, T, N, NULL, W, E);
}
stmt(A) ::= SUBSCRIBE(T) to_opt subquery(Q) subscribe_with(W) as_of(E). {
    A = lt_build_subscribe(p, T, LT_LIST_EMPTY, Q, W, E);
}
to_opt ::= .
to_opt ::= TO.
%type subscribe_with {struct lt_list}
subscribe_with(A) ::= . { A = LT_LIST_EMPTY; }
subscribe_with(A) ::= WITH LP names(L) RP. { A = L; }
%type as_of {struct lt_ast_expr *}
as_of(A) ::= . { A = NULL; }
as_of(A) ::= AS OF EPOCH expr(X). { A = X; }
