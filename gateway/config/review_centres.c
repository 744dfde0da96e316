/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of centres and their keys: a key belongs to one centre, and may what exists. */
#include <math.h>
#include <string.h>

#include "atalaya/gateway/inbound.h"
#include "config/reading.h"
#include "lifecycle/centres.h"
#include "lifecycle/signature.h"

static bool has_broker(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->broker_count; i++)
        if (strcmp(config->broker[i].name, name) == 0)
            return true;
    return false;
}

static void review_area(struct reading *reading, const struct config_centre *centre, unsigned line)
{
    int given = !isnan(centre->area_lat_deg) + !isnan(centre->area_lon_deg) + !isnan(centre->area_km);
    if (given != 0 && given != 3)
        complain_error(
            &reading->complaints, line,
            "centre '%s' has a part of an area; give area_latitude_deg, area_longitude_deg and area_km, or "
            "none of them",
            centre->name);
}

static void review_centre(struct reading *reading, unsigned i)
{
    const struct config_centre *centre = &reading->config->centre[i];
    unsigned line = reading->line[SECTION_centre][i];
    for (unsigned b = 0; b < centre->broker_count; b++)
        if (!has_broker(reading->config, centre->brokers[b]))
            complain_error(&reading->complaints, line,
                           "centre '%s' names a broker '%s' that there is not; add it or correct the name",
                           centre->name, centre->brokers[b]);
    review_area(reading, centre, line);
    for (unsigned k = 0; k < centre->kind_count; k++)
        if (!centre_kind_exists(centre->kinds[k]))
            complain_error(&reading->complaints, line,
                           "centre '%s' wants kind '%s'; there are distress, position, message, "
                           "unit, rx and activity",
                           centre->name, centre->kinds[k]);
    if (centre->accept_unsigned)
        complain_warning(
            &reading->complaints, line,
            "centre '%s' is obeyed without signatures: whoever can write to its broker can "
            "acknowledge and end a distress; make a key with atalaya key and remove accept_unsigned",
            centre->name);
}

static void review_may(struct reading *reading, const struct config_signer *signer, unsigned line)
{
    for (unsigned m = 0; m < signer->may_count; m++)
        if (inbound_what_find(signer->may[m]) == INBOUND_WHAT_COUNT)
            complain_error(
                &reading->complaints, line,
                "signer '%s' may '%s', which is no command; there are received, acknowledge, clear, "
                "message, ping, transmit and reload",
                signer->name, signer->may[m]);
}

static void review_signer(struct reading *reading, unsigned i)
{
    const struct config_signer *signer = &reading->config->signer[i];
    unsigned line = reading->line[SECTION_signer][i];
    unsigned char key[SIGNATURE_PUBLIC_BYTES];
    if (*signer->public_key && !signature_read_public(signer->public_key, key))
        complain_error(
            &reading->complaints, line,
            "public_key of signer '%s' is no Ed25519 key in Base64; copy what atalaya key show prints",
            signer->name);
    for (unsigned other = 0; other < i; other++) {
        const struct config_signer *before = &reading->config->signer[other];
        if (strcmp(before->name, signer->name) == 0)
            complain_error(&reading->complaints, line,
                           "a signer '%s' exists already in line %u; give each its own name", signer->name,
                           reading->line[SECTION_signer][other]);
        else if (*signer->public_key && strcmp(before->public_key, signer->public_key) == 0)
            complain_error(&reading->complaints, line,
                           "signers '%s' and, in line %u, '%s' have the same public_key; remove one",
                           signer->name, reading->line[SECTION_signer][other], before->name);
    }
    review_may(reading, signer, line);
}

/* Centres that are told, and none that can say that somebody has it: a distress rings on. */
static void review_voices(struct reading *reading)
{
    const struct config *config = reading->config;
    bool heard = false;
    for (unsigned i = 0; i < config->centre_count; i++)
        heard = heard || config->centre[i].accept_unsigned;
    for (unsigned i = 0; i < config->signer_count; i++)
        heard = heard || *config->signer[i].public_key;
    if (config->centre_count && !heard)
        complain_warning(&reading->complaints, reading->line[SECTION_centre][0],
                         "no centre can acknowledge a distress: none has a signer with a public_key; "
                         "`atalaya key make` prints one");
}

void review_centres(struct reading *reading)
{
    for (unsigned i = 0; i < reading->config->centre_count; i++)
        if (!reading->faulty[SECTION_centre][i])
            review_centre(reading, i);
    for (unsigned i = 0; i < reading->config->signer_count; i++)
        if (!reading->faulty[SECTION_signer][i])
            review_signer(reading, i);
    review_voices(reading);
}
