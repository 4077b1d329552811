// 60_ddl.y -- CREATE, DROP and ALTER.

stmt(A) ::= create(S). { A = S; }
%type create {struct lt_ast_stmt *}

// Flags LT_HEAD_... of what stands between CREATE and the kind of object.
%type create_head {struct lt_head}
create_head(A) ::= CREATE(T) or_replace(R). { A = (struct lt_head){T, R}; }
create_head(A) ::= CREATE(T) or_replace(R) TEMPORARY. {
    A = (struct lt_head){T, R | LT_HEAD_TEMPORARY};
}
create_head(A) ::= CREATE(T) or_replace(R) TEMPORARY SYSTEM. {
    A = (struct lt_head){T, R | LT_HEAD_TEMPORARY | LT_HEAD_SYSTEM};
}
%type or_replace {int}
or_replace(A) ::= . { A = 0; }
or_replace(A) ::= OR REPLACE. { A = LT_HEAD_OR_REPLACE; }
%type if_not_exists {int}
if_not_exists(A) ::= . { A = 0; }
if_not_exists(A) ::= IF NOT EXISTS. { A = LT_HEAD_IF_NOT_EXISTS; }
%type if_exists {int}
if_exists(A) ::= . { A = 0; }
if_exists(A) ::= IF EXISTS. { A = LT_HEAD_IF_EXISTS; }

// ---- tables
create(A) ::= create_head(H) TABLE if_not_exists(I) path(N) elements_opt(E) comment_opt(C)
              partitioned_by(K) with_opt(W) like_opt(L) as_query(Q). {
    A = lt_build_create_table(p, H, I, &(struct lt_table_parts){N, E, C, K, W, L, Q});
}
%type partitioned_by {struct lt_list}
partitioned_by(A) ::= . { A = LT_LIST_EMPTY; }
partitioned_by(A) ::= PARTITIONED BY LP names(L) RP. { A = L; }
%type as_query {struct lt_ast_query *}
as_query(A) ::= . { A = NULL; }
as_query(A) ::= AS query(Q). { A = Q; }

%type like_opt {struct lt_ast_like *}
like_opt(A) ::= . { A = NULL; }
like_opt(A) ::= LIKE(T) path(N). { A = lt_build_table_like(p, T, N, LT_LIST_EMPTY); }
like_opt(A) ::= LIKE(T) path(N) LP like_options(L) RP. { A = lt_build_table_like(p, T, N, L); }
%type like_options {struct lt_list}
like_options(A) ::= like_option(O). { A = lt_build_options(p, LT_LIST_EMPTY, O); }
like_options(A) ::= like_options(L) like_option(O). { A = lt_build_options(p, L, O); }
%type like_option {struct lt_ast_option *}
like_option(A) ::= INCLUDING|EXCLUDING|OVERWRITING(K) ID|ALL(V). {
    A = lt_build_like_option(p, K, V);
}

%type elements_opt {struct lt_table_body *}
elements_opt(A) ::= . { A = NULL; }
elements_opt(A) ::= LP elements(B) RP. { A = B; }
%type elements {struct lt_table_body *}
elements(A) ::= element(E). { A = E; }
elements(A) ::= elements(B) COMMA element(E). { A = lt_build_table_body(p, B, E); }
%type element {struct lt_table_body *}
element(A) ::= column(C). { A = lt_build_table_column(p, C); }
element(A) ::= WATERMARK_F(T) FOR path(N) AS expr(X). { A = lt_build_watermark(p, T, N, X); }
element(A) ::= PRIMARY(T) KEY LP names(L) RP NOT ENFORCED. { A = lt_build_primary_key(p, T, L); }
element(A) ::= PRIMARY(T) KEY LP names(L) RP. { A = lt_build_primary_key(p, T, L); }
element(A) ::= CONSTRAINT name PRIMARY(T) KEY LP names(L) RP NOT ENFORCED. {
    A = lt_build_primary_key(p, T, L);
}
%type column {struct lt_ast_column *}
column(A) ::= name(N) type(X) key_opt(K) metadata(M) comment_opt(C). {
    A = lt_build_column_def(p, N, X, K, M, C);
}
column(A) ::= name(N) AS expr(X) comment_opt(C). { A = lt_build_column_computed(p, N, X, C); }
%type key_opt {bool}
key_opt(A) ::= . { A = false; }
key_opt(A) ::= PRIMARY KEY. { A = true; }
key_opt(A) ::= PRIMARY KEY NOT ENFORCED. { A = true; }
%type metadata {struct lt_metadata}
metadata(A) ::= . { A = (struct lt_metadata){0}; }
metadata(A) ::= METADATA virtual(V). { A = (struct lt_metadata){.given = true, .is_virtual = V}; }
metadata(A) ::= METADATA FROM STRING(K) virtual(V). {
    A = (struct lt_metadata){true, V, lt_build_text(p, K)};
}
%type virtual {bool}
virtual(A) ::= . { A = false; }
virtual(A) ::= VIRTUAL. { A = true; }

// ---- views, functions, databases, catalogs, registered queries
create(A) ::= create_head(H) VIEW if_not_exists(I) path(N) names_opt(L) comment_opt(C)
              AS query(Q). {
    A = lt_build_create_view(p, H, I, N, L, C, Q);
}
create(A) ::= create_head(H) MATERIALIZED VIEW if_not_exists(I) path(N) names_opt(L)
              comment_opt(C) with_opt(W) AS query(Q). {
    A = lt_build_materialized(p, lt_build_create_view(p, H, I, N, L, C, Q), W);
}
create(A) ::= create_head(H) FUNCTION if_not_exists(I) path(N) AS STRING(C) language(L) using_jar. {
    A = lt_build_create_function(p, H, I, N, C, L);
}
%type language {struct lt_str}
language(A) ::= . { A = (struct lt_str){0}; }
language(A) ::= LANGUAGE ID(T). { A = lt_build_upper(p, T); }
using_jar ::= .
using_jar ::= USING jars.
jars ::= ID STRING.
jars ::= jars COMMA ID STRING.
create(A) ::= create_head(H) DATABASE(K) if_not_exists(I) path(N) comment_opt(C) with_opt(W). {
    A = lt_build_create_database(p, H, I, K, N, C, W);
}
create(A) ::= create_head(H) CATALOG(K) if_not_exists(I) path(N) comment_opt(C) with_opt(W). {
    A = lt_build_create_database(p, H, I, K, N, C, W);
}
create(A) ::= create_head(H) QUERY if_not_exists(I) path(N) with_opt(W) AS query_body(S). {
    A = lt_build_create_query(p, H, I, N, W, S);
}
%type query_body {struct lt_ast_stmt *}
query_body(A) ::= insert(S). { A = S; }
query_body(A) ::= statement_set(S). { A = S; }

// ---- DROP and ALTER
%type object {enum lt_ast_object}
object(A) ::= TABLE. { A = LT_AST_TABLE; }
object(A) ::= VIEW. { A = LT_AST_VIEW; }
object(A) ::= MATERIALIZED VIEW. { A = LT_AST_MATERIALIZED_VIEW; }
object(A) ::= FUNCTION. { A = LT_AST_FUNCTION; }
object(A) ::= DATABASE. { A = LT_AST_DATABASE; }
object(A) ::= CATALOG. { A = LT_AST_CATALOG; }
object(A) ::= QUERY. { A = LT_AST_QUERY_OBJECT; }

stmt(A) ::= DROP(T) temporary(F) object(O) if_exists(I) path(N) cascade(C). {
    A = lt_build_drop(p, T, O, F | I | C, N);
}
%type temporary {int}
temporary(A) ::= . { A = 0; }
temporary(A) ::= TEMPORARY. { A = LT_HEAD_TEMPORARY; }
temporary(A) ::= TEMPORARY SYSTEM. { A = LT_HEAD_TEMPORARY | LT_HEAD_SYSTEM; }
%type cascade {int}
cascade(A) ::= . { A = 0; }
cascade(A) ::= RESTRICT. { A = 0; }
cascade(A) ::= CASCADE. { A = LT_HEAD_CASCADE; }

%type alter {struct lt_ast_stmt *}
stmt(A) ::= alter(S). { A = S; }
alter(A) ::= alter_head(S) SET LP options(L) RP. { A = lt_build_alter_set(p, S, L); }
alter(A) ::= alter_head(S) RESET LP keys(L) RP. { A = lt_build_alter_reset(p, S, L); }
alter(A) ::= alter_head(S) RENAME TO path(N). { A = lt_build_alter_rename(p, S, N); }
alter(A) ::= alter_head(S) RENAME name(C) TO name(N). {
    A = lt_build_alter_rename_column(p, S, C, N);
}
alter(A) ::= alter_head(S) ADD alter_elements(B). {
    A = lt_build_alter_add(p, S, LT_AST_ALTER_ADD, B);
}
alter(A) ::= alter_head(S) MODIFY alter_elements(B). {
    A = lt_build_alter_add(p, S, LT_AST_ALTER_MODIFY, B);
}
alter(A) ::= alter_head(S) DROP name(N). {
    A = lt_build_alter_drop(p, S, lt_build_names(p, LT_LIST_EMPTY, N));
}
alter(A) ::= alter_head(S) DROP LP names(L) RP. { A = lt_build_alter_drop(p, S, L); }
alter(A) ::= alter_head(S) DROP WATERMARK. {
    A = lt_build_alter_drop_what(p, S, LT_AST_ALTER_DROP_WATERMARK);
}
alter(A) ::= alter_head(S) DROP PRIMARY KEY. {
    A = lt_build_alter_drop_what(p, S, LT_AST_ALTER_DROP_PRIMARY_KEY);
}
%type alter_head {struct lt_ast_stmt *}
alter_head(A) ::= ALTER(T) TABLE if_exists(I) path(N). { A = lt_build_alter(p, T, I, N); }
alter(A) ::= ALTER(T) VIEW path(N) RENAME TO path(M). { A = lt_build_alter_view(p, T, N, M, NULL); }
alter(A) ::= ALTER(T) VIEW path(N) AS query(Q). {
    A = lt_build_alter_view(p, T, N, LT_LIST_EMPTY, Q);
}
%type alter_elements {struct lt_table_body *}
alter_elements(A) ::= element(B). { A = B; }
alter_elements(A) ::= LP elements(B) RP. { A = B; }
%type keys {struct lt_list}
keys(A) ::= STRING(K). { A = lt_build_option(p, LT_LIST_EMPTY, K, NULL); }
keys(A) ::= keys(L) COMMA STRING(K). { A = lt_build_option(p, L, K, NULL); }
