/* SPDX-License-Identifier: Apache-2.0 */
/* From libconfuse's tree into struct config, row by row of the table. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/reading.h"
#include "config/text.h"

/* One instance of one section. */
struct instance {
    enum config_section section;
    unsigned index;
    char *base;
};

static void refuse_value(struct reading *reading, const struct instance *instance,
                         const struct config_key *key, const struct setting *setting, const char *why)
{
    reading->faulty[instance->section][instance->index] = true;
    complain_error(&reading->complaints, setting->line, "%s = \"%.80s\" in %s %s", key->name, setting->text,
                   config_section_name(key->section), why);
}

static bool make_absolute(const struct reading *reading, char *path)
{
    char whole[CONFIG_PATH_MAX];
    if (*path == '/' || *path == '\0' || !*reading->directory)
        return true;
    int length = snprintf(whole, sizeof whole, "%s%s", reading->directory, path);
    if (length < 0 || (size_t)length >= sizeof whole)
        return false;
    memcpy(path, whole, (size_t)length + 1);
    return true;
}

static void fill_fallback(struct reading *reading, const struct instance *instance,
                          const struct config_key *key)
{
    char why[CONFIG_WHY_MAX];
    char *member = instance->base + key->offset;
    if (!key->fallback) {
        reading->faulty[instance->section][instance->index] = true;
        complain_error(&reading->complaints, reading->line[instance->section][instance->index],
                       key->type == TYPE_LIST ? "%s needs a key '%s', for example %s = {\"%.*s\"}"
                                              : "%s needs a key '%s', for example %s = \"%.*s\"",
                       config_section_name(key->section), key->name, key->name,
                       (int)strcspn(key->sample, "|"), key->sample);
    } else if (key->type == TYPE_LIST) {
        size_t length;
        const char *word;
        unsigned n = 0;
        for (; (word = config_word(key->fallback, n, &length)); n++)
            memcpy(member + n * key->element_size, word, length);
        memcpy(instance->base + key->count_offset, &n, sizeof n);
    } else if (!*key->fallback && key->type == TYPE_REAL) {
        *(double *)(void *)member = NAN;
    } else if (*key->fallback) {
        bool ok = store_value(key, member, key->fallback, why);
        assert(ok);
        (void)ok;
    }
}

static void fill_list(struct reading *reading, const struct instance *instance, const struct config_key *key,
                      cfg_opt_t *option)
{
    char why[CONFIG_WHY_MAX];
    char *member = instance->base + key->offset;
    unsigned given = cfg_opt_size(option), kept = 0;
    if ((double)given < key->least || (double)given > key->most) {
        reading->faulty[instance->section][instance->index] = true;
        unsigned line = reading->line[instance->section][instance->index];
        if (given)
            line = ((const struct setting *)cfg_opt_getnptr(option, 0))->line;
        complain_error(&reading->complaints, line, "%s in %s has %u texts; give %g to %g", key->name,
                       config_section_name(key->section), given, key->least, key->most);
        return;
    }
    for (unsigned i = 0; i < given; i++) {
        const struct setting *setting = cfg_opt_getnptr(option, i);
        if (!*setting->text)
            refuse_value(reading, instance, key, setting, "is empty; remove it");
        else if (!store_value(key, member + kept * key->element_size, setting->text, why))
            refuse_value(reading, instance, key, setting, why);
        else
            kept++;
    }
    memcpy(instance->base + key->count_offset, &kept, sizeof kept);
}

static void fill_key(struct reading *reading, const struct instance *instance, const struct config_key *key,
                     cfg_opt_t *option)
{
    char why[CONFIG_WHY_MAX];
    bool given = option && (option->flags & CFGF_MODIFIED);
    if (!given || (key->type != TYPE_LIST && cfg_opt_size(option) == 0)) {
        fill_fallback(reading, instance, key);
        return;
    }
    if (key->type == TYPE_LIST) {
        fill_list(reading, instance, key, option);
        return;
    }
    const struct setting *setting = cfg_opt_getnptr(option, 0);
    char *member = instance->base + key->offset;
    unsigned *line = &reading->line[instance->section][instance->index];
    if (*line == 0) /* a section without a title: libconfuse does not say where it begins */
        *line = setting->line;
    if (!store_value(key, member, setting->text, why))
        refuse_value(reading, instance, key, setting, why);
    else if (key->type == TYPE_PATH && !make_absolute(reading, member))
        refuse_value(reading, instance, key, setting, "is too long behind the directory of this file");
}

static void fill_keys(struct reading *reading, const struct instance *instance, cfg_t *section)
{
    for (size_t i = 0; i < config_key_count; i++)
        if (config_keys[i].section == instance->section)
            fill_key(reading, instance, &config_keys[i], cfg_getopt(section, config_keys[i].name));
}

/* The next free place of a section; NULL with a complaint when all are taken. */
static char *take_place(struct reading *reading, enum config_section section, unsigned line, unsigned *index)
{
    const struct config_section_row *row = &config_sections[section];
    char *base = (char *)reading->config;
    unsigned count = 0;
    if (row->sample) {
        memcpy(&count, base + row->count_offset, sizeof count);
        if (count == row->max) {
            complain_error(&reading->complaints, line, "too many sections '%s'; at most %zu", row->name,
                           row->max);
            return NULL;
        }
        unsigned next = count + 1;
        memcpy(base + row->count_offset, &next, sizeof next);
    }
    *index = count;
    reading->line[section][count] = line;
    return base + row->offset + count * row->size;
}

static void fill_title(struct reading *reading, const struct instance *instance, const char *title)
{
    /* every titled struct begins with char name[CONFIG_NAME_MAX]: see the assertions below */
    size_t length = strlen(title);
    if (length < CONFIG_NAME_MAX && text_is_name(title)) {
        memcpy(instance->base, title, length + 1);
        return;
    }
    reading->faulty[instance->section][instance->index] = true;
    complain_error(&reading->complaints, reading->line[instance->section][instance->index],
                   "the name \"%.80s\" of a %s does not fit; use 1 to %d of A-Z a-z 0-9 . _ -", title,
                   config_section_name(instance->section), CONFIG_NAME_MAX - 1);
}

_Static_assert(offsetof(struct config_source, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_channel, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_broker, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_reader, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_centre, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_signer, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_code, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_unit, name) == 0, "fill_title writes there");
_Static_assert(offsetof(struct config_transmitter, name) == 0, "fill_title writes there");
_Static_assert(sizeof(enum config_ptt) == sizeof(unsigned), "store_choice writes an unsigned");
_Static_assert(sizeof(enum config_tests) == sizeof(unsigned), "store_choice writes an unsigned");
_Static_assert(sizeof(enum config_source_type) == sizeof(unsigned), "store_choice writes an unsigned");

static void fill_below(struct reading *reading, cfg_t *around, enum config_section parent,
                       unsigned parent_index)
{
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        if (config_sections[i].parent != parent)
            continue;
        cfg_opt_t *option = cfg_getopt(around, config_sections[i].name);
        for (unsigned k = 0; k < cfg_opt_size(option); k++) {
            cfg_t *section = cfg_opt_getnsec(option, k);
            struct instance instance = {.section = (enum config_section)i};
            unsigned line = config_sections[i].sample ? section_line(section) : 0;
            instance.base = take_place(reading, instance.section, line, &instance.index);
            if (!instance.base)
                break;
            if (cfg_title(section))
                fill_title(reading, &instance, cfg_title(section));
            fill_keys(reading, &instance, section);
            if (instance.section == SECTION_source)
                reading->config->source[instance.index].line = line;
            if (instance.section == SECTION_broker)
                reading->config->broker[instance.index].line = line;
            if (instance.section == SECTION_transmitter)
                reading->config->transmitter[instance.index].line = line;
            if (instance.section == SECTION_channel)
                reading->config->channel[instance.index].source = parent_index;
            if (instance.section == SECTION_signer)
                reading->config->signer[instance.index].centre = parent_index;
            fill_below(reading, section, instance.section, instance.index);
        }
    }
}

void fill_config(struct reading *reading, cfg_t *root)
{
    fill_below(reading, root, SECTION_ROOT, 0);
}
