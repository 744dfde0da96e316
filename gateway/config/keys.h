/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys (keys.def) as data. Everything here is constant. */
#ifndef ATALAYA_CONFIG_KEYS_H
#define ATALAYA_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum config_section {
#define ATALAYA_SECTION(name, help)                  SECTION_##name,
#define ATALAYA_SECTIONS(name, parent, sample, help) SECTION_##name,
#define ATALAYA_KEY(...)
#define ATALAYA_LIST(...)
#include "config/keys.def"
#undef ATALAYA_SECTION
#undef ATALAYA_SECTIONS
#undef ATALAYA_KEY
#undef ATALAYA_LIST
    SECTION_ROOT, /* the file itself */
    SECTION_COUNT = SECTION_ROOT
};

struct config_section_row {
    const char *name, *help;
    enum config_section parent;
    const char *sample;  /* title in the sample; NULL = one of a kind, without title */
    size_t offset, size; /* of the first in struct config, and of each */
    size_t max, count_offset;
};

enum config_type {
    TYPE_NAME, /* [A-Za-z0-9._-] */
    TYPE_TEXT,
    TYPE_PATH, /* relative to the configuration file's directory */
    TYPE_BOOLEAN,
    TYPE_WHOLE,
    TYPE_REAL,
    TYPE_BYTES,
    TYPE_CHOICE,
    TYPE_LIST /* of texts */
};

struct config_key {
    enum config_section section;
    const char *name;
    enum config_type type;
    const char *unit; /* a choice: its words */
    double least, most;
    const char *fallback, *sample;
    size_t offset, size;               /* of the member in its section's struct */
    size_t element_size, count_offset; /* lists only */
    const char *help;
};

extern const struct config_section_row config_sections[SECTION_COUNT];
extern const struct config_key config_keys[];
extern const size_t config_key_count;

enum { CONFIG_WORD_MAX = 64 }; /* longest name that is compared for likeness */

/* SECTION_ROOT when there is none of that name. */
enum config_section config_section_find(const char *name);
const char *config_section_name(enum config_section section); /* "the file" for SECTION_ROOT */
/* The key or subsection of `section` whose name is most like `name`, or NULL if none is. */
const char *config_nearest(enum config_section section, const char *name);

/* Words between '|': the n-th of `list`, its length through *length; NULL when there are fewer. */
const char *config_word(const char *list, size_t n, size_t *length);

#endif
