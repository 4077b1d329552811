/* json.c -- the json format: one JSON object per line (NDJSON), with Flink's options.
 *
 * What Flink leaves to its JSON library is fixed here:
 *   - a number is read as an integer only when it is whole (1.0 and 1e3 are);
 *   - DECIMAL is read from the digits as written, never through a double;
 *   - a STRING column takes numbers and booleans as written, and objects and
 *     arrays as JSON text without blanks;
 *   - of a name that comes twice in an object the last one counts;
 *   - timestamps are read in both standards, and written in the one asked for. */
#include "connectors/formats/json.h"

#include "connectors/option.h"

static const char *const json_option_names[] = {
    "fail-on-missing-field",     "ignore-parse-errors",
    "timestamp-format.standard", "map-null-key.mode",
    "map-null-key.literal",      "encode.decimal-as-plain-number",
    "encode.ignore-null-fields", NULL,
};

lt_status lt_json_options_read(const struct lt_connector_table *table, struct lt_json_options *out,
                               struct lt_error *err)
{
    static const char *const standards[] = {"SQL", "ISO-8601", NULL};
    static const char *const modes[] = {"FAIL", "DROP", "LITERAL", NULL};
    unsigned standard, mode;
    LT_TRY(lt_option_bool(table, "json.fail-on-missing-field", false, &out->fail_on_missing, err));
    LT_TRY(lt_option_bool(table, "json.ignore-parse-errors", false, &out->ignore_bad, err));
    LT_TRY(lt_option_bool(table, "json.encode.decimal-as-plain-number", false, &out->plain_decimals,
                          err));
    LT_TRY(lt_option_bool(table, "json.encode.ignore-null-fields", false, &out->skip_nulls, err));
    LT_TRY(lt_option_enum(table, "json.timestamp-format.standard", standards, 0, &standard, err));
    LT_TRY(lt_option_enum(table, "json.map-null-key.mode", modes, 0, &mode, err));
    const struct lt_str *literal = lt_option_get(table, "json.map-null-key.literal");
    out->iso_timestamps = standard == 1;
    out->null_key = (enum lt_json_null_key)mode;
    out->null_key_literal = literal ? *literal : LT_STR("null");
    if (out->fail_on_missing && out->ignore_bad)
        return lt_fail(err, LT_INVALID,
                       "'json.fail-on-missing-field' and 'json.ignore-parse-errors' cannot both "
                       "be 'true'");
    return LT_OK;
}

static lt_status json_check_type(const struct lt_type *type, struct lt_str column,
                                 struct lt_error *err)
{
    const char *why = NULL;
    if (type->kind == LT_TYPE_MAP && !lt_type_is_char(type->children[0]))
        why = "the keys of a MAP must be strings";
    else if (type->kind == LT_TYPE_MULTISET)
        why = "MULTISET has no JSON form, use ARRAY";
    else if (type->kind == LT_TYPE_INTERVAL_DAY || type->kind == LT_TYPE_INTERVAL_MONTH)
        why = "intervals have no JSON form, use BIGINT";
    if (why)
        return lt_fail(err, LT_UNSUPPORTED, "json cannot hold the type of column '%.*s': %s",
                       LT_STR_ARG(column), why);
    for (uint32_t i = 0; i < type->n_children; i++)
        LT_TRY(json_check_type(type->children[i], column, err));
    return LT_OK;
}

static lt_status json_check(const struct lt_connector_table *table, struct lt_error *err)
{
    struct lt_json_options options;
    LT_TRY(lt_json_options_read(table, &options, err));
    for (uint32_t i = 0; i < table->physical->len; i++) {
        const struct lt_field *field = &table->physical->fields[i];
        LT_TRY(json_check_type(field->type, field->name, err));
    }
    return LT_OK;
}

/* A line is a record; line ends in strings are escaped. */
static void json_text_rules(const struct lt_connector_table *table, struct lt_text_rules *out)
{
    LT_UNUSED(table);
    *out = (struct lt_text_rules){.lines = true};
}

const struct lt_format lt_format_json = {
    .name = "json",
    .doc = "One JSON object per line (NDJSON), nested values included",
    .options = json_option_names,
    .extension = ".json",
    .check = json_check,
    .decoder_open = lt_json_decoder_open,
    .decode = lt_json_decode,
    .decoder_reset = lt_json_decoder_reset,
    .decoder_line = lt_json_decoder_line,
    .decoder_bad = lt_json_decoder_bad,
    .text_rules = json_text_rules,
    .decoder_close = lt_json_decoder_close,
    .encoder_open = lt_json_encoder_open,
    .encode_start = lt_json_encode_start,
    .encode = lt_json_encode,
    .encoder_close = lt_json_encoder_close,
};
