/* SPDX-License-Identifier: Apache-2.0 */
#include "config/keys.h"

#include <string.h>

#include "atalaya/gateway/config.h"

#define MEMBER(section, member) ((struct config_##section *)0)->member

const struct config_section_row config_sections[SECTION_COUNT] = {
#define ATALAYA_SECTION(name, help)                                                                          \
    {#name, help, SECTION_ROOT, NULL, offsetof(struct config, name), sizeof(struct config_##name), 1, 0},
#define ATALAYA_SECTIONS(name, parent, sample, help)                                                         \
    {#name,                                                                                                  \
     help,                                                                                                   \
     SECTION_##parent,                                                                                       \
     sample,                                                                                                 \
     offsetof(struct config, name),                                                                          \
     sizeof(struct config_##name),                                                                           \
     sizeof((struct config *)0)->name / sizeof(struct config_##name),                                        \
     offsetof(struct config, name##_count)},
#define ATALAYA_KEY(...)
#define ATALAYA_LIST(...)
#include "config/keys.def"
#undef ATALAYA_SECTION
#undef ATALAYA_SECTIONS
#undef ATALAYA_KEY
#undef ATALAYA_LIST
};

const struct config_key config_keys[] = {
#define ATALAYA_SECTION(name, help)
#define ATALAYA_SECTIONS(name, parent, sample, help)
#define ATALAYA_KEY(section, key, type, unit, least, most, fallback, sample, member, help)                   \
    {SECTION_##section,                                                                                      \
     #key,                                                                                                   \
     TYPE_##type,                                                                                            \
     unit,                                                                                                   \
     least,                                                                                                  \
     most,                                                                                                   \
     fallback,                                                                                               \
     sample,                                                                                                 \
     offsetof(struct config_##section, member),                                                              \
     sizeof(MEMBER(section, member)),                                                                        \
     0,                                                                                                      \
     0,                                                                                                      \
     help},
#define ATALAYA_LIST(section, key, least, most, fallback, sample, member, count, help)                       \
    {SECTION_##section,                                                                                      \
     #key,                                                                                                   \
     TYPE_LIST,                                                                                              \
     "",                                                                                                     \
     least,                                                                                                  \
     most,                                                                                                   \
     fallback,                                                                                               \
     sample,                                                                                                 \
     offsetof(struct config_##section, member),                                                              \
     sizeof(MEMBER(section, member)),                                                                        \
     sizeof(MEMBER(section, member)[0]),                                                                     \
     offsetof(struct config_##section, count),                                                               \
     help},
#include "config/keys.def"
#undef ATALAYA_SECTION
#undef ATALAYA_SECTIONS
#undef ATALAYA_KEY
#undef ATALAYA_LIST
};

const size_t config_key_count = sizeof config_keys / sizeof *config_keys;

enum config_section config_section_find(const char *name)
{
    unsigned i = 0;
    while (i < SECTION_COUNT && strcmp(config_sections[i].name, name) != 0)
        i++;
    return (enum config_section)i;
}

const char *config_section_name(enum config_section section)
{
    return section == SECTION_ROOT ? "the file" : config_sections[section].name;
}

const char *config_word(const char *list, size_t n, size_t *length)
{
    for (; *list; n--) {
        *length = strcspn(list, "|");
        if (n == 0)
            return list;
        list += *length;
        list += *list == '|';
    }
    return NULL;
}
