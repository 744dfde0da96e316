/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/routes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atalaya/gateway/clock.h"

enum { HEARD_MAX = 1024 };
static const int64_t same_burst_ns = 1000000000; /* a radio takes longer to say something else */

/* Where a radio was heard last. */
struct heard {
    char unit[CONFIG_TEXT_MAX];
    char radio[CONFIG_TEXT_MAX];
    const struct protocol_row *row;
    unsigned channel;
    int64_t mono_ns;
    float snr_db; /* NaN = not known */
};

struct routes {
    const struct config *config;
    unsigned count;
    struct heard heard[HEARD_MAX];
};

enum atalaya_result routes_create(const struct config *config, struct routes **routes)
{
    *routes = calloc(1, sizeof **routes);
    if (!*routes)
        return ATALAYA_E_MEMORY;
    (*routes)->config = config;
    return ATALAYA_OK;
}

static unsigned find_channel(const struct config *config, const char *name)
{
    unsigned i = 0;
    while (i < config->channel_count && strcmp(config->channel[i].name, name) != 0)
        i++;
    return i;
}

/* Its place, or one for it: free, or that of the radio that was silent longest. */
static struct heard *place_of(struct routes *routes, const char *radio)
{
    struct heard *oldest = &routes->heard[0];
    for (unsigned i = 0; i < routes->count; i++) {
        if (strcmp(routes->heard[i].radio, radio) == 0)
            return &routes->heard[i];
        if (routes->heard[i].mono_ns < oldest->mono_ns)
            oldest = &routes->heard[i];
    }
    return routes->count < HEARD_MAX ? &routes->heard[routes->count++] : oldest;
}

void routes_configured(struct routes *routes, const struct units *units)
{
    struct unit_identity who;
    for (unsigned i = 0; i < routes->count; i++) {
        units_identify_radio(units, routes->heard[i].radio, &who);
        snprintf(routes->heard[i].unit, sizeof routes->heard[i].unit, "%s", who.name);
    }
}

/* "<address space>.<id>" of that space: the id; NULL = of another. */
static const char *id_in(const char *radio, const char *address_space)
{
    size_t length = strlen(address_space);
    return strncmp(radio, address_space, length) == 0 && radio[length] == '.' ? radio + length + 1 : NULL;
}

static const char *own_id(const struct config_transmitter *transmitter, const char *address_space)
{
    for (unsigned i = 0; i < transmitter->radio_count; i++) {
        const char *id = id_in(transmitter->radios[i], address_space);
        if (id)
            return id;
    }
    return NULL;
}

static bool channel_has(const struct config_channel *channel, const struct protocol_row *row)
{
    for (unsigned i = 0; i < channel->protocol_count; i++)
        if (strcmp(channel->protocols[i], row->id) == 0)
            return true;
    return false;
}

/* The transmitter on that channel, if it can say something in that protocol. */
static bool by_transmitter(const struct config *config, unsigned channel, const struct protocol_row *row,
                           struct way *way)
{
    const struct config_channel *on = &config->channel[channel];
    if (!row->protocol->say || !channel_has(on, row))
        return false;
    for (unsigned i = 0; i < config->transmitter_count; i++) {
        const struct config_transmitter *transmitter = &config->transmitter[i];
        const char *from = own_id(transmitter, row->protocol->address_space);
        if (!from || strlen(from) >= sizeof way->from || strcmp(transmitter->channel, on->name) != 0)
            continue;
        bool tnc = config->source[on->source].type == SOURCE_KISS;
        *way = (struct way){.kind = tnc ? WAY_TNC : WAY_TRANSMITTER,
                            .index = tnc ? on->source : i,
                            .port = tnc ? on->lane : 0,
                            .transmitter = i,
                            .row = row};
        strcpy(way->from, from);
        return true;
    }
    return false;
}

/* A base radio carries texts to the radios of its own address space. */
static bool by_base_radio(const struct config *config, unsigned channel, const struct protocol_row *row,
                          struct way *way)
{
    const struct config_channel *on = &config->channel[channel];
    if (config->source[on->source].type != SOURCE_SERIAL || !channel_has(on, row))
        return false;
    *way = (struct way){.kind = WAY_BASE_RADIO, .index = on->source, .row = row};
    return true;
}

static bool by_channel(const struct config *config, unsigned channel, const struct protocol_row *row,
                       struct way *way)
{
    return by_base_radio(config, channel, row, way) || by_transmitter(config, channel, row, way);
}

/* Two receivers had the same burst, in whatever order they came to tell it: the way back is by the one that
 * can answer, and then by the one that hears the radio better. */
static bool is_worse(const struct config *config, const struct reception *reception, unsigned channel,
                     const struct heard *before)
{
    struct way way;
    const struct protocol_row *row = protocol_find(reception->message.protocol);
    int64_t apart_ns = reception->mono_ns - before->mono_ns;
    if (apart_ns > same_burst_ns || apart_ns < -same_burst_ns || channel == before->channel || !row ||
        !before->row)
        return false;
    bool answers = by_channel(config, channel, row, &way),
         answered = by_channel(config, before->channel, before->row, &way);
    if (answers != answered)
        return answered;
    return isfinite(before->snr_db) && (!isfinite(reception->snr_db) || reception->snr_db < before->snr_db);
}

void routes_hear(struct routes *routes, const struct reception *reception, const char *unit)
{
    const struct message *message = &reception->message;
    unsigned channel = find_channel(routes->config, reception->channel);
    char radio[CONFIG_TEXT_MAX];
    if (!message->unit[0] || channel == routes->config->channel_count)
        return;
    snprintf(radio, sizeof radio, "%s.%s", message->address_space, message->unit);
    struct heard *heard = place_of(routes, radio);
    if (strcmp(heard->radio, radio) == 0 && is_worse(routes->config, reception, channel, heard))
        return;
    snprintf(heard->unit, sizeof heard->unit, "%s", unit);
    memcpy(heard->radio, radio, sizeof radio);
    heard->row = protocol_find(message->protocol);
    heard->channel = channel;
    heard->mono_ns = reception->mono_ns;
    heard->snr_db = reception->snr_db;
}

typedef bool by_way(const struct config *config, unsigned channel, const struct protocol_row *row,
                    struct way *way);

static bool first_channel(const struct config *config, const char *radio, by_way *by, struct way *way)
{
    for (unsigned c = 0; c < config->channel_count; c++)
        for (size_t p = 0; p < protocol_table_size; p++) {
            const char *id = id_in(radio, protocol_table[p].protocol->address_space);
            if (!id || strlen(id) >= sizeof way->to || !by(config, c, &protocol_table[p], way))
                continue;
            strcpy(way->to, id);
            return true;
        }
    return false;
}

/* Nothing was heard of it: the first channel where a radio of its kind would be, through a base radio if
 * there is one, which knows its handhelds. */
static bool anywhere(const struct config *config, const char *radio, struct way *way)
{
    return first_channel(config, radio, by_base_radio, way) ||
           first_channel(config, radio, by_transmitter, way);
}

static const struct config_unit *find_unit(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->unit_count; i++)
        if (strcmp(config->unit[i].name, name) == 0)
            return &config->unit[i];
    return NULL;
}

/* Where it was heard last; radio "" = whichever of the unit's. usable: NULL = any way. */
static bool where_heard(const struct routes *routes, const char *unit, const char *radio,
                        routes_usable *usable, const void *context, struct way *way)
{
    const struct config *config = routes->config;
    int64_t newest_ns = INT64_MIN;
    for (unsigned i = 0; i < routes->count; i++) {
        const struct heard *heard = &routes->heard[i];
        struct way found;
        bool meant = radio[0] ? strcmp(heard->radio, radio) == 0 : strcmp(heard->unit, unit) == 0;
        if (!meant || !heard->row || heard->mono_ns <= newest_ns || heard->channel >= config->channel_count ||
            !by_channel(config, heard->channel, heard->row, &found))
            continue;
        snprintf(found.to, sizeof found.to, "%.31s", strchr(heard->radio, '.') + 1);
        if (usable && !usable(context, &found))
            continue;
        newest_ns = heard->mono_ns;
        *way = found;
    }
    return newest_ns != INT64_MIN;
}

bool routes_find(const struct routes *routes, const char *unit, const char *radio, struct way *way)
{
    const struct config *config = routes->config;
    if (where_heard(routes, unit, radio, NULL, NULL, way))
        return true;
    if (radio[0])
        return anywhere(config, radio, way);
    const struct config_unit *known = find_unit(config, unit);
    for (unsigned i = 0; known && i < known->radio_count; i++)
        if (anywhere(config, known->radios[i], way))
            return true;
    return !known && anywhere(config, unit, way);
}

bool routes_find_heard(const struct routes *routes, const char *unit, routes_usable *usable,
                       const void *context, struct way *way)
{
    return find_unit(routes->config, unit) && where_heard(routes, unit, "", usable, context, way);
}

bool routes_find_unheard(const struct routes *routes, const char *unit, routes_usable *usable,
                         const void *context, struct way *way)
{
    const struct config_unit *known = find_unit(routes->config, unit);
    for (unsigned i = 0; known && i < known->radio_count; i++)
        if (anywhere(routes->config, known->radios[i], way) && usable(context, way))
            return true;
    return false;
}

bool routes_is_of(const struct routes *routes, const char *unit, const char *radio)
{
    const struct config_unit *known = find_unit(routes->config, unit);
    for (unsigned i = 0; known && i < known->radio_count; i++)
        if (strcmp(known->radios[i], radio) == 0)
            return true;
    return false;
}

bool routes_to_all(const struct routes *routes, const char *channel, struct way *way)
{
    unsigned on = find_channel(routes->config, channel);
    for (size_t p = 0; on < routes->config->channel_count && p < protocol_table_size; p++)
        if (by_transmitter(routes->config, on, &protocol_table[p], way))
            return true;
    return false;
}

bool routes_is_own(const struct routes *routes, const char *address_space, const char *id)
{
    for (unsigned i = 0; i < routes->config->transmitter_count; i++) {
        const struct config_transmitter *transmitter = &routes->config->transmitter[i];
        for (unsigned r = 0; r < transmitter->radio_count; r++) {
            const char *own = id_in(transmitter->radios[r], address_space);
            if (own && id[0] && strcasecmp(own, id) == 0)
                return true;
        }
    }
    return false;
}

void routes_destroy(struct routes *routes)
{
    free(routes);
}
