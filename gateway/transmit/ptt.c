/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/ptt.h"

#include <stdio.h>
#include <string.h>

static const struct ptt_class *class_of(enum config_ptt kind)
{
    switch (kind) {
    case PTT_RTS:
    case PTT_DTR:
        return &ptt_class_serial;
    case PTT_GPIO:
        return &ptt_class_gpio;
    case PTT_CM108:
        return &ptt_class_cm108;
    case PTT_RIGCTLD:
        return &ptt_class_rigctld;
    case PTT_VOX:
        break;
    }
    return &ptt_class_vox;
}

enum atalaya_result ptt_open(struct ptt *ptt, const struct config_transmitter *settings,
                             char why[PTT_TEXT_MAX])
{
    memset(ptt, 0, sizeof *ptt);
    ptt->settings = *settings;
    ptt->fd = -1;
    const struct ptt_class *class = class_of(settings->ptt);
    enum atalaya_result result = class->open(ptt, why);
    if (result != ATALAYA_OK)
        return result;
    ptt->class = class;
    result = inhibit_open(ptt, why);
    if (result == ATALAYA_OK && !ptt_set(ptt, false)) {
        snprintf(why, PTT_TEXT_MAX, "the key at %s does not obey", settings->ptt_device);
        result = ATALAYA_E_GONE;
    }
    if (result != ATALAYA_OK)
        ptt_close(ptt);
    return result;
}

bool ptt_set(struct ptt *ptt, bool down)
{
    return ptt->class && ptt->class->set(ptt, down);
}

bool ptt_is_inhibited(struct ptt *ptt)
{
    return ptt->settings.inhibit != INHIBIT_NONE && inhibit_read(ptt);
}

void ptt_close(struct ptt *ptt)
{
    if (!ptt->class)
        return;
    (void)ptt->class->set(ptt, false); /* what is gone is up */
    inhibit_close(ptt);
    ptt->class->close(ptt);
    ptt->class = NULL;
}

/* VOX: the sound is the key; it ends with the sound. */
static enum atalaya_result vox_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    (void)ptt;
    snprintf(why, PTT_TEXT_MAX, "the radio keys itself");
    return ATALAYA_OK;
}

static bool vox_set(struct ptt *ptt, bool down)
{
    (void)ptt;
    (void)down;
    return true;
}

static void vox_close(struct ptt *ptt)
{
    (void)ptt;
}

const struct ptt_class ptt_class_vox = {"vox", false, vox_open, vox_set, vox_close};
