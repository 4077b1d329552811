/* csv.c -- the csv format: RFC 4180 with Flink's options.
 *
 * Where RFC 4180 and Flink are silent or at odds:
 *   - an empty field is the empty string for text and NULL for every other type;
 *   - the null literal is recognised only when it is not quoted;
 *   - empty lines are passed over, the last line may lack its end;
 *   - 'csv.header' [Leat]: the first line names the columns, and fields are found
 *     by name, so a file may have more columns than the table and in any order. */
#include "connectors/formats/csv.h"

#include "connectors/option.h"

static const char *const csv_option_names[] = {
    "field-delimiter",
    "quote-character",
    "disable-quote-character",
    "allow-comments",
    "ignore-parse-errors",
    "null-literal",
    "escape-character",
    "array-element-delimiter",
    "header",
    "write-bigdecimal-in-scientific-notation",
    NULL,
};

lt_status lt_csv_options_read(const struct lt_connector_table *table, struct lt_csv_options *out,
                              struct lt_error *err)
{
    int delimiter, quote, escape, array;
    bool no_quote, scientific;
    LT_TRY(lt_option_char(table, "csv.field-delimiter", ',', &delimiter, err));
    LT_TRY(lt_option_char(table, "csv.quote-character", '"', &quote, err));
    LT_TRY(lt_option_char(table, "csv.escape-character", -1, &escape, err));
    LT_TRY(lt_option_char(table, "csv.array-element-delimiter", ';', &array, err));
    LT_TRY(lt_option_bool(table, "csv.disable-quote-character", false, &no_quote, err));
    LT_TRY(lt_option_bool(table, "csv.allow-comments", false, &out->comments, err));
    LT_TRY(lt_option_bool(table, "csv.ignore-parse-errors", false, &out->ignore_bad, err));
    LT_TRY(lt_option_bool(table, "csv.header", false, &out->header, err));
    LT_TRY(lt_option_bool(table, "csv.write-bigdecimal-in-scientific-notation", false, &scientific,
                          err));
    const struct lt_str *literal = lt_option_get(table, "csv.null-literal");
    out->delimiter = (char)delimiter;
    out->array_delimiter = (char)array;
    out->has_quote = !no_quote;
    out->quote = (char)quote;
    out->has_escape = escape >= 0;
    out->escape = (char)escape;
    out->has_null = literal != NULL;
    out->null_literal = literal ? *literal : (struct lt_str){0};
    if (scientific)
        return lt_fail(err, LT_UNSUPPORTED,
                       "csv writes decimals as plain numbers only; remove "
                       "'csv.write-bigdecimal-in-scientific-notation' or set it to 'false'");
    if ((out->has_quote && delimiter == quote) || (out->has_escape && delimiter == escape))
        return lt_fail(err, LT_INVALID,
                       "csv: the field delimiter must differ from the quote and the escape "
                       "character");
    return LT_OK;
}

static bool csv_scalar(const struct lt_type *type)
{
    switch (lt_type_phys(type)) {
    case LT_PHYS_LIST:
    case LT_PHYS_STRUCT: return false;
    default: return type->kind != LT_TYPE_INTERVAL_DAY && type->kind != LT_TYPE_INTERVAL_MONTH;
    }
}

static bool csv_type_fits(const struct lt_type *type)
{
    if (csv_scalar(type))
        return true;
    if (type->kind != LT_TYPE_ARRAY && type->kind != LT_TYPE_ROW)
        return false;
    for (uint32_t i = 0; i < type->n_children; i++) {
        if (!csv_scalar(type->children[i]))
            return false;
    }
    return true;
}

static lt_status csv_check(const struct lt_connector_table *table, struct lt_error *err)
{
    struct lt_csv_options options;
    LT_TRY(lt_csv_options_read(table, &options, err));
    for (uint32_t i = 0; i < table->physical->len; i++) {
        const struct lt_field *field = &table->physical->fields[i];
        if (!csv_type_fits(field->type))
            return lt_fail(err, LT_UNSUPPORTED,
                           "csv cannot hold the type of column '%.*s': it knows scalars, and "
                           "ARRAY and ROW of scalars; use 'format' = 'json'",
                           LT_STR_ARG(field->name));
    }
    return LT_OK;
}

/* A quote or an escape character may make a line end part of a field. When torn records are
 * passed over, a line end in quotes may even end a record, if what follows is not csv: then only
 * the records before tell. */
static void csv_text_rules(const struct lt_connector_table *table, struct lt_text_rules *out)
{
    struct lt_csv_options options;
    *out = (struct lt_text_rules){0};
    if (lt_csv_options_read(table, &options, NULL) != LT_OK)
        return; /* the decoder says so too, with a message */
    out->lines = !options.ignore_bad || !(options.has_quote || options.has_escape);
    out->header = options.header;
    if (options.has_quote)
        out->hiding[out->n_hiding++] = options.quote;
    if (options.has_escape)
        out->hiding[out->n_hiding++] = options.escape;
}

const struct lt_format lt_format_csv = {
    .name = "csv",
    .doc = "Comma-separated values, RFC 4180 with Flink's options",
    .options = csv_option_names,
    .extension = ".csv",
    .check = csv_check,
    .decoder_open = lt_csv_decoder_open,
    .decode = lt_csv_decode,
    .decoder_reset = lt_csv_decoder_reset,
    .decoder_line = lt_csv_decoder_line,
    .decoder_bad = lt_csv_decoder_bad,
    .text_rules = csv_text_rules,
    .record_end = lt_csv_record_end,
    .decoder_close = lt_csv_decoder_close,
    .encoder_open = lt_csv_encoder_open,
    .encode_start = lt_csv_encode_start,
    .encode = lt_csv_encode,
    .encoder_close = lt_csv_encoder_close,
};
