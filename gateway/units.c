/* SPDX-License-Identifier: Apache-2.0 */
/* The registry as a sorted array: at most CONFIG_UNITS_MAX * CONFIG_UNIT_RADIOS_MAX radios, fourteen
 * comparisons, and no allocation once it is made. Case does not tell radios apart: people write call signs as
 * they please. */
#include "atalaya/gateway/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct radio {
    char key[CONFIG_TEXT_MAX]; /* "<address space>.<id>" */
    unsigned unit;
};

struct owner {
    char name[CONFIG_NAME_MAX], crew[CONFIG_TEXT_MAX];
};

struct units {
    struct owner *owners;
    struct radio *radios;
    size_t radio_count;
};

static int compare_radios(const void *a, const void *b)
{
    return strcasecmp(((const struct radio *)a)->key, ((const struct radio *)b)->key);
}

static int compare_key(const void *key, const void *radio)
{
    return strcasecmp(key, ((const struct radio *)radio)->key);
}

static void copy_units(struct units *units, const struct config *config)
{
    for (unsigned i = 0; i < config->unit_count; i++) {
        const struct config_unit *from = &config->unit[i];
        memcpy(units->owners[i].name, from->name, sizeof from->name);
        memcpy(units->owners[i].crew, from->crew, sizeof from->crew);
        for (unsigned k = 0; k < from->radio_count; k++) {
            struct radio *radio = &units->radios[units->radio_count++];
            memcpy(radio->key, from->radios[k], sizeof radio->key);
            radio->unit = i;
        }
    }
    if (units->radio_count)
        qsort(units->radios, units->radio_count, sizeof *units->radios, compare_radios);
}

enum atalaya_result units_create(const struct config *config, struct units **units)
{
    size_t radios = 0;
    for (unsigned i = 0; i < config->unit_count; i++)
        radios += config->unit[i].radio_count;
    struct units *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->owners = calloc(config->unit_count + 1, sizeof *made->owners);
    made->radios = calloc(radios + 1, sizeof *made->radios);
    if (!made->owners || !made->radios) {
        units_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    copy_units(made, config);
    *units = made;
    return ATALAYA_OK;
}

static const struct owner *find_owner(const struct units *units, const char *key)
{
    const struct radio *radio = units->radio_count ? bsearch(key, units->radios, units->radio_count,
                                                             sizeof *units->radios, compare_key)
                                                   : NULL;
    return radio ? &units->owners[radio->unit] : NULL;
}

/* Cuts "-SSID" (AX.25 v2.2 clause 3.12.2: 0 to 15) off the end. */
static bool cut_ssid(char *key)
{
    char *dash = strrchr(key, '-');
    if (!dash || dash == key)
        return false;
    size_t digits = strspn(dash + 1, "0123456789");
    if (digits < 1 || digits > 2 || dash[1 + digits] != '\0')
        return false;
    *dash = '\0';
    return true;
}

static void make_safe(char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (name += strspn(name, allowed); *name; name += strspn(name, allowed))
        *name = '_';
}

void units_identify(const struct units *units, const char *address_space, const char *id,
                    struct unit_identity *who)
{
    char key[CONFIG_TEXT_MAX];
    memset(who, 0, sizeof *who);
    snprintf(key, sizeof key, "%s.%s", address_space, *id ? id : "unknown");
    memcpy(who->name, key, sizeof key);
    make_safe(who->name);
    if (!*id)
        return;
    const struct owner *owner = find_owner(units, key);
    if (!owner && cut_ssid(key))
        owner = find_owner(units, key);
    if (!owner)
        return;
    snprintf(who->name, sizeof who->name, "%s", owner->name);
    snprintf(who->crew, sizeof who->crew, "%s", owner->crew);
    who->known = true;
}

void units_identify_radio(const struct units *units, const char *radio, struct unit_identity *who)
{
    char space[CONFIG_TEXT_MAX];
    size_t length = strcspn(radio, ".");
    snprintf(space, sizeof space, "%.*s", (int)length, radio);
    units_identify(units, space, radio[length] ? radio + length + 1 : "", who);
}

void units_destroy(struct units *units)
{
    if (!units)
        return;
    free(units->owners);
    free(units->radios);
    free(units);
}
