# Rscript proc.R FILE N PAIRED: milliseconds of pROC on truth, first and second score, stored as raw doubles one after another.
suppressMessages(library(pROC))
arguments <- commandArgs(TRUE)
n <- as.integer(arguments[2])
values <- matrix(readBin(arguments[1], "double", 3 * n), ncol = 3)
milliseconds <- function(work) 1000 * system.time(work())[["elapsed"]]
area <- milliseconds(function() ci.auc(roc(values[, 1], values[, 2], levels = c(0, 1), direction = "<"), method = "delong"))
paired <- NA
if (arguments[3] == "true") paired <- milliseconds(function() {
  first <- roc(values[, 1], values[, 2], levels = c(0, 1), direction = "<")
  second <- roc(values[, 1], values[, 3], levels = c(0, 1), direction = "<")
  roc.test(first, second, paired = TRUE, method = "delong")
})
cat(area, paired)
