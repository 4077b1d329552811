// 20_types.y -- types. Their names are plain names; build_type.c knows which exist.

%type type {struct lt_ast_type *}
type(A) ::= bare_type(X). [SHORT] { A = X; }
type(A) ::= bare_type(X) NOT NULL. { A = lt_build_type_not_null(p, X); }
type(A) ::= bare_type(X) NULL. { A = X; }

%type bare_type {struct lt_ast_type *}
bare_type(A) ::= ID(T) type_args(L). { A = lt_build_type(p, T, L); }
bare_type(A) ::= ID(T) PRECISION. { A = lt_build_type_double(p, T); }
bare_type(A) ::= ID(T) VARYING type_args(L). { A = lt_build_type_varying(p, T, L); }
bare_type(A) ::= ID(T) type_args(L) WITH_TZ LOCAL TIME ZONE. {
    A = lt_build_type_zone(p, T, L, LT_ZONE_LOCAL);
}
bare_type(A) ::= ID(T) type_args(L) WITH_TZ TIME ZONE. {
    A = lt_build_type_zone(p, T, L, LT_ZONE_WITH);
}
bare_type(A) ::= ID(T) type_args(L) WITHOUT_TZ TIME ZONE. {
    A = lt_build_type_zone(p, T, L, LT_ZONE_WITHOUT);
}
bare_type(A) ::= ID(T) LT type(X) GT. { A = lt_build_type_of(p, T, X, NULL); }
bare_type(A) ::= ID(T) LT type(X) COMMA type(Y) GT. { A = lt_build_type_of(p, T, X, Y); }
bare_type(A) ::= ROW_LT(T) LT fields(L) GT. { A = lt_build_type_row(p, T, L); }
bare_type(A) ::= ROW_P(T) LP fields(L) RP. { A = lt_build_type_row(p, T, L); }
bare_type(A) ::= INTERVAL(T) unit_span(U). { A = lt_build_type_interval(p, T, U); }
bare_type(A) ::= NULL(T). { A = lt_build_type(p, T, LT_TYPE_NO_ARGS); }
bare_type(A) ::= bare_type(X) ARRAY|MULTISET(T). { A = lt_build_type_of(p, T, X, NULL); }

%type type_args {struct lt_type_args}
type_args(A) ::= . { A = LT_TYPE_NO_ARGS; }
type_args(A) ::= LP NUMBER(X) RP. { A = lt_build_type_args(p, X, NULL); }
type_args(A) ::= LP NUMBER(X) COMMA NUMBER(Y) RP. { A = lt_build_type_args(p, X, &Y); }

%type fields {struct lt_list}
fields(A) ::= name(N) type(X) comment_opt(C). {
    A = lt_build_field(p, LT_LIST_EMPTY, N, X, C);
}
fields(A) ::= fields(L) COMMA name(N) type(X) comment_opt(C). {
    A = lt_build_field(p, L, N, X, C);
}

// DAY, DAY(3), DAY TO SECOND(3): of interval types and literals.
%type unit_span {struct lt_unit_span *}
unit_span(A) ::= unit(X). [SHORT] { A = lt_build_unit_span(p, X, NULL); }
unit_span(A) ::= unit(X) TO unit(Y). { A = lt_build_unit_span(p, X, Y); }

%type unit {struct lt_unit_span *}
unit(A) ::= ID(T) type_args(L). { A = lt_build_unit(p, T, L); }
