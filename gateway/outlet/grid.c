/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/grid.h"

#include <math.h>

/* One degree of latitude on WGS 84 is 110.6 to 111.7 km: with the least of them no cell is smaller than said.
 */
static const double degree_m = 110574.0;
static const double radians = 0.017453292519943295;

/* The middle of the cell of `value` in 0..whole, of which there are `count`. */
static double middle(double value, double whole, double count)
{
    double cell = floor(value / whole * count);
    return (fmin(fmax(cell, 0.0), count - 1.0) + 0.5) * whole / count;
}

double grid_snap(double size_m, double *lat_deg, double *lon_deg)
{
    double rows = fmax(1.0, floor(180.0 * degree_m / size_m));
    double lat = middle(*lat_deg + 90.0, 180.0, rows) - 90.0;
    /* Measured at the edge towards the pole, where the row is shortest. */
    double edge = fmin(90.0, fabs(lat) + 90.0 / rows);
    double columns = fmax(1.0, floor(360.0 * degree_m * cos(edge * radians) / size_m));
    double lon = middle(*lon_deg + 180.0, 360.0, columns) - 180.0;
    double height_m = 180.0 / rows * 111700.0;
    /* and at the edge towards the equator, where it is longest; no place is farther than round a quarter */
    double width_m = 360.0 / columns * 111700.0 * cos(fmax(0.0, fabs(lat) - 90.0 / rows) * radians);
    *lat_deg = lat;
    *lon_deg = lon;
    return fmin(hypot(height_m, width_m) / 2.0, 20004000.0);
}
