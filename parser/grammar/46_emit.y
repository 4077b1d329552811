// 46_emit.y -- EMIT: when a result leaves. Items in any order, each at most once.

%type emit_opt {struct lt_ast_emit *}
emit_opt(A) ::= . { A = NULL; }
emit_opt(A) ::= EMIT(T) emit_items(E). { A = lt_build_emit(p, T, E); }
emit_opt(A) ::= EMIT(T) ON(W) WINDOW CLOSE. {
    A = lt_build_emit(p, T, lt_build_emit_at_watermark(p, NULL, W));
}
emit_opt(A) ::= EMIT(T) CHANGES(W). {
    A = lt_build_emit(p, T, lt_build_emit_early(p, NULL, W, LT_EVERY_CHANGE));
}

%type emit_items {struct lt_ast_emit *}
emit_items(A) ::= emit_item(E). { A = E; }
emit_items(A) ::= emit_items(X) COMMA emit_item(Y). { A = lt_build_emit_merge(p, X, Y); }

%type emit_item {struct lt_ast_emit *}
emit_item(A) ::= EARLY(T) every(E). { A = lt_build_emit_early(p, NULL, T, E); }
emit_item(A) ::= EARLY(T) EVERY expr(X) ROWS. {
    A = lt_build_emit_early(p, NULL, T, (struct lt_every){.rows = X});
}
emit_item(A) ::= AT(T) WATERMARK. { A = lt_build_emit_at_watermark(p, NULL, T); }
emit_item(A) ::= LATE(T) every(E) WITHIN expr(X). { A = lt_build_emit_late(p, T, E, X); }
emit_item(A) ::= DISCARDING|ACCUMULATING|RETRACTING(T). { A = lt_build_emit_mode(p, T); }
emit_item(A) ::= LATE(T) ROWS late_of(O) INTO path(L). { A = lt_build_emit_late_rows(p, T, O, L); }

%type every {struct lt_every}
every(A) ::= EVERY expr(X). { A = (struct lt_every){.interval = X}; }
every(A) ::= ON CHANGE. { A = LT_EVERY_CHANGE; }

%type late_of {struct lt_list}
late_of(A) ::= . { A = LT_LIST_EMPTY; }
late_of(A) ::= OF path(L). { A = L; }
