// 70_session.y -- SHOW, DESCRIBE, USE, SET, RESET.

stmt(A) ::= SHOW(T) show_words(L) show_from(F) show_like(K). { A = lt_build_show(p, T, L, F, K); }
stmt(A) ::= SHOW(T) CREATE object(O) path(N). { A = lt_build_show_create(p, T, O, N); }
%type show_words {struct lt_words}
show_words(A) ::= ID(T). { A = lt_build_words(T, NULL); }
show_words(A) ::= ID(T) ID(U). { A = lt_build_words(T, &U); }
%type show_from {struct lt_list}
show_from(A) ::= . { A = LT_LIST_EMPTY; }
show_from(A) ::= FROM|IN|IN_BARE path(N). { A = N; }
%type show_like {struct lt_show_like}
show_like(A) ::= . { A = (struct lt_show_like){0}; }
show_like(A) ::= LIKE STRING(T). { A = (struct lt_show_like){lt_build_text(p, T), false}; }
show_like(A) ::= NOT_OP LIKE STRING(T). { A = (struct lt_show_like){lt_build_text(p, T), true}; }

stmt(A) ::= DESCRIBE|DESC(T) path(N). { A = lt_build_describe(p, T, LT_AST_TABLE, N); }
stmt(A) ::= DESCRIBE|DESC(T) EXTENDED path(N). { A = lt_build_describe(p, T, LT_AST_TABLE, N); }
stmt(A) ::= DESCRIBE|DESC(T) object(O) path(N). { A = lt_build_describe(p, T, O, N); }

stmt(A) ::= USE(T) path(N). { A = lt_build_use(p, T, LT_AST_DATABASE, N); }
stmt(A) ::= USE(T) DATABASE path(N). { A = lt_build_use(p, T, LT_AST_DATABASE, N); }
stmt(A) ::= USE(T) CATALOG name(N). {
    A = lt_build_use(p, T, LT_AST_CATALOG, lt_build_names(p, LT_LIST_EMPTY, N));
}

stmt(A) ::= SET(T). { A = lt_build_set(p, LT_AST_STMT_SET, T, LT_LIST_EMPTY); }
stmt(A) ::= SET(T) STRING(K) EQ STRING(V). {
    A = lt_build_set(p, LT_AST_STMT_SET, T, lt_build_option(p, LT_LIST_EMPTY, K, &V));
}
stmt(A) ::= SET(T) RAW(R). { A = lt_build_set_raw(p, LT_AST_STMT_SET, T, R); }
stmt(A) ::= RESET(T). { A = lt_build_set(p, LT_AST_STMT_RESET, T, LT_LIST_EMPTY); }
stmt(A) ::= RESET(T) STRING(K). {
    A = lt_build_set(p, LT_AST_STMT_RESET, T, lt_build_option(p, LT_LIST_EMPTY, K, NULL));
}
stmt(A) ::= RESET(T) RAW(R). { A = lt_build_set_raw(p, LT_AST_STMT_RESET, T, R); }
