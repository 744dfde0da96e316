/* SPDX-License-Identifier: Apache-2.0 */
/* Places made coarse: every point of a cell of the globe becomes the cell's middle. The grid depends on its
 * size alone, so that all sites and all repeats tell the same point and averaging finds nothing else. Rows
 * are of equal height; a row has as many cells of at least the size as go round the globe there. Pure. */
#ifndef ATALAYA_OUTLET_GRID_H
#define ATALAYA_OUTLET_GRID_H

/* lat_deg -90..90, lon_deg -180..180 (finite), size_m > 0. Returns how far, in metres, the true place can be
 * from what the point has become: half the cell's diagonal. */
double grid_snap(double size_m, double *lat_deg, double *lon_deg);

#endif
