// 10_names.y -- names, dotted paths, lists of them, 'key' = 'value' options, hints.

%type name {struct lt_ast_name *}
name(A) ::= ID|QUOTED(T). { A = lt_build_name(p, T); }

%type path {struct lt_list}
path(A) ::= name(N). { A = lt_build_names(p, LT_LIST_EMPTY, N); }
path(A) ::= path(L) DOT name(N). { A = lt_build_names(p, L, N); }

%type names {struct lt_list}
names(A) ::= name(N). { A = lt_build_names(p, LT_LIST_EMPTY, N); }
names(A) ::= names(L) COMMA name(N). { A = lt_build_names(p, L, N); }

%type names_opt {struct lt_list}
names_opt(A) ::= . { A = LT_LIST_EMPTY; }
names_opt(A) ::= LP names(L) RP. { A = L; }

%type options {struct lt_list}
options(A) ::= STRING(K) EQ STRING(V). { A = lt_build_option(p, LT_LIST_EMPTY, K, &V); }
options(A) ::= options(L) COMMA STRING(K) EQ STRING(V). { A = lt_build_option(p, L, K, &V); }

%type with_opt {struct lt_list}
with_opt(A) ::= . { A = LT_LIST_EMPTY; }
with_opt(A) ::= WITH LP RP. { A = lt_build_no_options(); }
with_opt(A) ::= WITH LP options(L) RP. { A = L; }

%type comment_opt {struct lt_str}
comment_opt(A) ::= . { A = (struct lt_str){0}; }
comment_opt(A) ::= COMMENT STRING(T). { A = lt_build_text(p, T); }

%type hints_opt {struct lt_list}
hints_opt(A) ::= . { A = LT_LIST_EMPTY; }
hints_opt(A) ::= HINT_OPEN hints(L) HINT_CLOSE. { A = L; }

%type hints {struct lt_list}
hints(A) ::= hint(H). { A = lt_build_hints(p, LT_LIST_EMPTY, H); }
hints(A) ::= hints(L) hint(H). { A = lt_build_hints(p, L, H); }
hints(A) ::= hints(L) COMMA hint(H). { A = lt_build_hints(p, L, H); }

%type hint {struct lt_ast_hint *}
hint(A) ::= name(N). { A = lt_build_hint(p, N, LT_LIST_EMPTY); }
hint(A) ::= name(N) LP RP. { A = lt_build_hint(p, N, LT_LIST_EMPTY); }
hint(A) ::= name(N) LP hint_args(L) RP. { A = lt_build_hint(p, N, L); }

%type hint_args {struct lt_list}
hint_args(A) ::= hint_arg(O). { A = lt_build_options(p, LT_LIST_EMPTY, O); }
hint_args(A) ::= hint_args(L) COMMA hint_arg(O). { A = lt_build_options(p, L, O); }

%type hint_arg {struct lt_ast_option *}
hint_arg(A) ::= STRING(K) EQ STRING(V). { A = lt_build_hint_arg(p, K, &V); }
hint_arg(A) ::= STRING(K). { A = lt_build_hint_arg(p, K, NULL); }
hint_arg(A) ::= ID|QUOTED|NUMBER(K). { A = lt_build_hint_arg(p, K, NULL); }
