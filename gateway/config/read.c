/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys as libconfuse options. Every value is kept as its text and its line; fill.c understands
 * it, so that one bad value does not hide the next.
 *
 * libconfuse stops at an unknown name. The name is reported, added to its section as a list of texts that
 * nobody reads, and the file is parsed again, so that one run names them all. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/reading.h"

/* A subsection that no file can hold (the space); libconfuse makes it together with the section around it and
 * notes the line there, which it keeps for nothing else. */
static const char header_name[] = " begins";

/* libconfuse's callbacks have no context, and its lexer is one for the process: one reading at a time. */
static struct reading *current;

static int keep_value(cfg_t *section, cfg_opt_t *option, const char *text, void *result)
{
    (void)option;
    size_t size = strlen(text) + 1;
    struct setting *setting = malloc(sizeof *setting + size);
    if (!setting)
        return -1;
    setting->line = (unsigned)section->line;
    memcpy(setting->text, text, size);
    *(void **)result = setting;
    return 0;
}

static void drop_value(void *value)
{
    struct setting *setting = value;
    if (current && current->parsing)
        complain_error(&current->complaints, setting->line,
                       "what is set here is set again further down in the same section; keep one of the two");
    free(setting);
}

static cfg_opt_t value_option(const char *name, bool list)
{
    return (cfg_opt_t){.name = name,
                       .type = CFGT_PTR,
                       .flags = CFGF_NODEFAULT | (list ? CFGF_LIST : 0),
                       .parsecb = keep_value,
                       .freecb = drop_value};
}

/* Options of a section and of those below it; the depth is the table's, two. */
static cfg_opt_t *build_options(struct reading *reading, enum config_section section)
{
    cfg_opt_t *options = reading->options[section];
    size_t n = 0, most = CONFIG_SECTION_KEYS_MAX - 2;
    for (size_t i = 0; i < config_key_count && n < most; i++)
        if (config_keys[i].section == section)
            options[n++] = value_option(config_keys[i].name, config_keys[i].type == TYPE_LIST);
    for (unsigned i = 0; i < SECTION_COUNT && n < most; i++) {
        const struct config_section_row *row = &config_sections[i];
        if (row->parent == section)
            options[n++] =
                (cfg_opt_t){.name = row->name,
                            .type = CFGT_SEC,
                            .flags = row->sample ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : 0,
                            .subopts = build_options(reading, (enum config_section)i)};
    }
    for (unsigned i = 0; i < reading->unknown_count && n < most; i++)
        if (reading->unknown[i].section == section)
            options[n++] = value_option(reading->unknown[i].name, true);
    static cfg_opt_t nothing[1];
    if (section != SECTION_ROOT && config_sections[section].sample)
        options[n++] = (cfg_opt_t){.name = header_name, .type = CFGT_SEC, .subopts = nothing};
    options[n] = (cfg_opt_t){.name = NULL};
    return options;
}

static bool is_unknown(const struct reading *reading, enum config_section section, const char *name)
{
    for (unsigned i = 0; i < reading->unknown_count; i++)
        if (reading->unknown[i].section == section && strcmp(reading->unknown[i].name, name) == 0)
            return true;
    return false;
}

/* "frequency_hz = 144390000 Hz": the name of the key has the unit. */
static bool is_unit(const char *name)
{
    static const char *const units[] = {"Hz", "kHz", "MHz", "GHz", "dB", "dBm", "ppm", "ms",
                                        "s",  "sec", "min", "h",   "m",  "km",  "deg"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcasecmp(name, units[i]) == 0)
            return true;
    return false;
}

static void report_unknown(struct reading *reading, enum config_section section, unsigned line,
                           const char *name)
{
    const char *where = config_section_name(section), *near = config_nearest(section, name);
    const struct config_key *elsewhere = NULL;
    for (size_t i = 0; i < config_key_count && !elsewhere; i++)
        if (strcmp(config_keys[i].name, name) == 0)
            elsewhere = &config_keys[i];
    if (section != SECTION_ROOT && is_unit(name))
        complain_error(
            &reading->complaints, line,
            "'%s' is out of place here; a number stands without its unit, in that of its key: 144.39e6",
            name);
    else if (elsewhere)
        complain_error(&reading->complaints, line, "no key '%s' in %s; it belongs into %s { ... }", name,
                       where, config_section_name(elsewhere->section));
    else if (near)
        complain_error(&reading->complaints, line, "no %s '%s' in %s; did you mean '%s'?",
                       section == SECTION_ROOT ? "section" : "key", name, where, near);
    else
        complain_error(&reading->complaints, line,
                       "no %s '%.64s' in %s; atalaya sample-config shows all there are",
                       section == SECTION_ROOT ? "section" : "key", name, where);
    if (reading->unknown_count == CONFIG_UNKNOWN_MAX || strlen(name) >= CONFIG_WORD_MAX)
        return;
    struct unknown_name *unknown = &reading->unknown[reading->unknown_count++];
    unknown->section = section;
    strcpy(unknown->name, name);
    reading->found_unknown = true;
}

/* libconfuse's words and ours: what comes before the name it tells, and after. */
static const struct phrase {
    const char *theirs, *before, *after;
} phrases[] = {
    {"missing equal sign after", "'", "' needs an equal sign: key = value"},
    {"missing opening brace", "section '", "' needs a { here"},
    {"missing title", "section '", "' needs a name of its own: section \"name\" { ... }"},
    {"found duplicate title", "a section named '", "' exists already; give each its own name"},
    {"attempt to append", "'", "' takes one value, not a list; use = instead of +="},
    {"unexpected token", "'", "' is out of place here; a setting is: key = value"},
    {"premature end of file", "the file ends in the middle of a setting", ""},
};

static const struct phrase *find_phrase(const char *format)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (strncmp(format, phrases[i].theirs, strlen(phrases[i].theirs)) == 0)
            return &phrases[i];
    return NULL;
}

static void on_error(cfg_t *section, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void on_error(cfg_t *section, const char *format, va_list args)
{
    struct reading *reading = current;
    enum config_section where = config_section_find(section->name);
    unsigned line = section->line > 0 ? (unsigned)section->line : 0;
    bool named = strstr(format, "%s") != NULL;
    va_list copy;
    va_copy(copy, args);
    const char *name = named ? va_arg(copy, const char *) : "";
    va_end(copy);
    if (!name)
        name = "";
    if (strncmp(format, "no such option", 14) == 0) {
        if (!is_unknown(reading, where, name))
            report_unknown(reading, where, line, name);
        return;
    }
    /* an unknown section was taken for a key: its name has been reported already */
    if (strncmp(format, "missing equal sign", 18) == 0 && is_unknown(reading, where, name))
        return;
    if (strncmp(format, "unexpected token", 16) == 0 && strcmp(name, ",") == 0) {
        complain_error(&reading->complaints, line,
                       "',' is out of place here; a text that has one stands in \"quotes\", a list in { }");
        return;
    }
    const struct phrase *phrase = find_phrase(format);
    if (phrase) {
        complain_error(&reading->complaints, line, "%s%.64s%s", phrase->before, name, phrase->after);
        return;
    }
    char text[CONFIG_COMPLAINT_TEXT];
    vsnprintf(text, sizeof text, format, args);
    complain_error(&reading->complaints, line, "%s", text);
}

static cfg_t *parse_once(struct reading *reading, const char *text, bool *ok)
{
    cfg_t *root = cfg_init(build_options(reading, SECTION_ROOT), CFGF_NONE);
    if (!root) {
        complain_error(&reading->complaints, 0, "out of memory");
        return NULL;
    }
    cfg_set_error_function(root, on_error);
    reading->parsing = true;
    reading->found_unknown = false;
    *ok = cfg_parse_buf(root, text) == CFG_SUCCESS;
    reading->parsing = false;
    return root;
}

cfg_t *read_sections(struct reading *reading, const char *text)
{
    cfg_t *root = NULL;
    bool ok = false;
    current = reading;
    do {
        if (root)
            cfg_free(root);
        root = parse_once(reading, text, &ok);
    } while (root && !ok && reading->found_unknown);
    if (root && !ok) {
        if (reading->complaints.errors == 0)
            complain_error(&reading->complaints, (unsigned)root->line, "cannot be read: out of memory");
        cfg_free(root);
        root = NULL;
    }
    current = NULL;
    return root;
}

unsigned section_line(cfg_t *section)
{
    cfg_t *header = cfg_getsec(section, header_name);
    return header && header->line > 0 ? (unsigned)header->line : 0;
}
