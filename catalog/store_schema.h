/* store_schema.h -- the tables of the catalog in SQLite, as steps of migration.
 *
 * Step n brings a database of version n to version n + 1; PRAGMA user_version
 * holds the version. A step that has been released is never edited. Every table
 * starts with leat_, because sinks may one day write into the same file.
 *
 * leat_object.id is never used twice, so it serves as the object's version. */
#ifndef LT_CATALOG_STORE_SCHEMA_H
#define LT_CATALOG_STORE_SCHEMA_H

#define LT_STORE_APPLICATION_ID 0x4c656174 /* "Leat" */

static const char *const store_migrations[] = {
    "CREATE TABLE leat_database ("
    " catalog TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (catalog, name)) WITHOUT ROWID;"
    "CREATE TABLE leat_object ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " catalog TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL,"
    " kind INTEGER NOT NULL," /* 0 table, 1 view, 2 function */
    " comment TEXT, watermark_column TEXT, watermark_expr TEXT, query TEXT, class TEXT);"
    "CREATE UNIQUE INDEX leat_object_name"
    " ON leat_object (catalog, database, kind = 2, name);"
    "CREATE TABLE leat_column ("
    " object INTEGER NOT NULL REFERENCES leat_object ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL,"
    " kind INTEGER NOT NULL," /* 0 physical, 1 computed, 2 metadata */
    " type TEXT, expr TEXT, metadata_key TEXT, virtual INTEGER NOT NULL, comment TEXT,"
    " PRIMARY KEY (object, position)) WITHOUT ROWID;"
    "CREATE TABLE leat_name ("
    " object INTEGER NOT NULL REFERENCES leat_object ON DELETE CASCADE,"
    " role INTEGER NOT NULL," /* 0 primary key, 1 partition key, 2 column of a view */
    " position INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (object, role, position)) WITHOUT ROWID;"
    "CREATE TABLE leat_option ("
    " object INTEGER NOT NULL REFERENCES leat_object ON DELETE CASCADE,"
    " position INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (object, position)) WITHOUT ROWID;"
    "CREATE TABLE leat_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO leat_database VALUES"
    " ('default_catalog', ''), ('default_catalog', 'default_database');",
};
enum { LT_STORE_VERSION = sizeof(store_migrations) / sizeof(store_migrations[0]) };

#endif
