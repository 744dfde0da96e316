/* SPDX-License-Identifier: Apache-2.0 */
/* The table for people: a sample configuration and the KEYS part of atalaya.conf(5). */
#include <stdio.h>
#include <string.h>

#include "config/reading.h"

enum { SAMPLE_WIDTH = 100 };

/* Words of `text` as comment lines behind `prefix`, from column `column` on. */
static void print_wrapped(FILE *out, const char *prefix, const char *text)
{
    size_t start = strlen(prefix), column = start;
    fputs(prefix, out);
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > start && column + 1 + length > SAMPLE_WIDTH) {
            fprintf(out, "\n%s", prefix);
            column = start;
        }
        fprintf(out, "%s%.*s", column > start ? " " : "", (int)length, text);
        column += length + (column > start);
        text += length + (text[length] == ' ');
    }
    putc('\n', out);
}

static bool is_number(const struct config_key *key)
{
    return key->type == TYPE_BOOLEAN || key->type == TYPE_WHOLE || key->type == TYPE_REAL ||
           key->type == TYPE_CHOICE;
}

/* A value as the file writes it. */
static void print_value(FILE *out, const struct config_key *key, const char *value, const char *quote)
{
    if (key->type != TYPE_LIST) {
        quote = is_number(key) ? "" : quote;
        fprintf(out, "%s%s%s", quote, value, quote);
        return;
    }
    size_t length;
    const char *word;
    putc('{', out);
    for (size_t i = 0; (word = config_word(value, i, &length)); i++)
        fprintf(out, "%s%s%.*s%s", i ? ", " : "", quote, (int)length, word, quote);
    putc('}', out);
}

static void sample_key(FILE *out, const struct config_key *key, const char *indent)
{
    char comment[1024], range[160], prefix[16];
    describe_range(key, range, sizeof range);
    snprintf(comment, sizeof comment, "%s%s%s%s%s", key->help, *range ? " [" : "", range, *range ? "]" : "",
             key->fallback ? "" : " Required.");
    snprintf(prefix, sizeof prefix, "%s# ", indent);
    print_wrapped(out, prefix, comment);
    fprintf(out, "%s%s%s = ", indent, key->fallback ? "#" : "", key->name);
    print_value(out, key, key->sample ? key->sample : key->fallback, "\"");
    if (key->fallback && *key->fallback && key->sample) {
        fputs("   # default: ", out);
        print_value(out, key, key->fallback, "\"");
    }
    putc('\n', out);
}

static void sample_section(FILE *out, enum config_section section, const char *indent)
{
    const struct config_section_row *row = &config_sections[section];
    char prefix[16], inner[16];
    snprintf(prefix, sizeof prefix, "%s# ", indent);
    snprintf(inner, sizeof inner, "%s    ", indent);
    putc('\n', out);
    print_wrapped(out, prefix, row->help);
    fprintf(out, "%s%s ", indent, row->name);
    if (row->sample)
        fprintf(out, "\"%s\" ", row->sample);
    fputs("{\n", out);
    for (size_t i = 0; i < config_key_count; i++)
        if (config_keys[i].section == section)
            sample_key(out, &config_keys[i], inner);
    for (unsigned i = 0; i < SECTION_COUNT; i++)
        if (config_sections[i].parent == section)
            sample_section(out, (enum config_section)i, inner);
    fprintf(out, "%s}\n", indent);
}

void config_print_sample(FILE *out)
{
    fputs("# Configuration of Atalaya: see atalaya.conf(5). Check it with: atalaya check --config FILE\n"
          "# What a # switches off shows its default, or an example where there is none.\n",
          out);
    for (unsigned i = 0; i < SECTION_COUNT; i++)
        if (config_sections[i].parent == SECTION_ROOT)
            sample_section(out, (enum config_section)i, "");
}

/* Text of our own table in mdoc: only the backslash and the backquote need care. */
static void print_roff(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '`')
            fputs("\\(ga", out);
        else if (text[0] == '.' && text[1] == ' ') {
            fputs(".\n", out);
            text++;
        } else
            putc(*text, out);
    }
    putc('\n', out);
}

static const char *type_word(const struct config_key *key)
{
    static const char *const words[] = {
        [TYPE_NAME] = "name",   [TYPE_TEXT] = "text",       [TYPE_PATH] = "path",
        [TYPE_WHOLE] = "whole", [TYPE_BOOLEAN] = "boolean", [TYPE_REAL] = "number",
        [TYPE_BYTES] = "size",  [TYPE_CHOICE] = "word",     [TYPE_LIST] = "texts",
    };
    return words[key->type];
}

static void manual_key(FILE *out, const struct config_key *key)
{
    char range[160];
    describe_range(key, range, sizeof range);
    fprintf(out, ".It Ic %s No = Ar %s\n", key->name, type_word(key));
    print_roff(out, key->help);
    if (*range && key->type != TYPE_BOOLEAN)
        fprintf(out, "Allowed: %s.\n", range);
    if (!key->fallback)
        fputs("Must be given.\n", out);
    else if (*key->fallback) {
        fputs("Default: ", out);
        print_value(out, key, key->fallback, "\\(dq");
        fputs(".\n", out);
    }
}

static void manual_section(FILE *out, enum config_section section)
{
    const struct config_section_row *row = &config_sections[section];
    fprintf(out, ".Ss %s%s\n", row->name, row->sample ? " \\(dqname\\(dq" : "");
    if (row->parent != SECTION_ROOT)
        fprintf(out, "Stands inside a\n.Ic %s\nsection.\n", config_sections[row->parent].name);
    print_roff(out, row->help);
    fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < config_key_count; i++)
        if (config_keys[i].section == section)
            manual_key(out, &config_keys[i]);
    fputs(".El\n", out);
}

void config_print_manual(FILE *out)
{
    for (unsigned i = 0; i < SECTION_COUNT; i++)
        manual_section(out, (enum config_section)i);
}
