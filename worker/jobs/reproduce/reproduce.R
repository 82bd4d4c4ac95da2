# Recomputes the accuracy table and the primary contrast of this folder from its tables, and compares them with results.json.
#
# Needs base R; pROC, where it is installed, computes the areas once more. Prints a line a number; ends with 1 where one differs by more than 0.000001 (of 1, or
# of its size where that is more). Formulas: shares by the ratio estimator with Wilson's interval on the effective number of images; areas by Obuchowski 1997
# with a logit interval; averages over readers by U-statistics (Gallas 2009) with clusters of images. A cluster is a patient.

file_of_script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(file_of_script) == 1) dirname(file_of_script) else "."
z <- qnorm(0.975)
tolerance <- 1e-6

# ---- JSON -----------------------------------------------------------------------------------------------------------------

# A list of lists; null is NA.
read_json <- function(path) {
  text <- paste(readLines(path, encoding = "UTF-8", warn = FALSE), collapse = "\n")
  pattern <- '"(?:[^"\\\\]|\\\\.)*"|-?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|[][{}:,]'
  tokens <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  at <- 0
  unquoted <- function(token) substr(token, 2, nchar(token) - 1)
  value <- function() {
    at <<- at + 1
    token <- tokens[at]
    if (token == "{" || token == "[") {
      is_object <- token == "{"
      end <- if (is_object) "}" else "]"
      found <- list()
      names <- character()
      while (tokens[at + 1] != end) {
        if (tokens[at + 1] == ",") at <<- at + 1
        if (is_object) {
          names <- c(names, unquoted(tokens[at + 1]))
          at <<- at + 2
        }
        found[[length(found) + 1]] <- value()
      }
      at <<- at + 1
      if (is_object) names(found) <- names
      return(found)
    }
    if (token == "null") return(NA)
    if (token == "true" || token == "false") return(token == "true")
    if (startsWith(token, '"')) return(unquoted(token))
    as.numeric(token)
  }
  value()
}

# ---- one party ------------------------------------------------------------------------------------------------------------

none <- c(NA, NA, NA)

wilson <- function(p, n) {
  centre <- p + z^2 / (2 * n)
  half <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  scale <- 1 + z^2 / n
  c(if (p == 0) 0 else (centre - half) / scale, if (p == 1) 1 else (centre + half) / scale)
}

# Estimate and limits of a share of images that come in clusters.
share <- function(outcome, cluster) {
  n <- length(outcome)
  if (n == 0) return(none)
  events <- as.vector(tapply(outcome, cluster, sum))
  trials <- as.vector(tapply(outcome, cluster, length))
  count <- length(trials)
  p <- sum(outcome) / n
  if (count < 2) return(c(p, NA, NA))
  binomial <- p * (1 - p) / n
  if (binomial == 0) return(c(p, wilson(p, count)))
  variance <- count / (count - 1) * sum((events - p * trials)^2) / n^2
  if (variance < 1e-20 * binomial) return(c(p, NA, NA))
  c(p, wilson(p, n * binomial / variance))
}

# For each value the number of others below it, ties counted half.
below <- function(values, others) {
  sorted <- sort(others)
  (findInterval(values, sorted) + findInterval(values, sorted, left.open = TRUE)) / 2
}

sum_by <- function(values, groups, all) {
  sums <- setNames(numeric(length(all)), all)
  found <- tapply(values, groups, sum)
  sums[names(found)] <- found
  unname(sums)
}

# Estimate and limits of an area under the ROC curve of images that come in clusters.
area <- function(truth, score, cluster) {
  if (length(unique(truth)) < 2) return(none)
  positive <- score[truth == 1]
  negative <- score[truth == 0]
  v10 <- below(positive, negative) / length(negative)
  v01 <- 1 - below(negative, positive) / length(positive)
  auc <- mean(v10)
  all <- unique(cluster)
  above <- sum_by(v10 - auc, cluster[truth == 1], all)
  beside <- sum_by(v01 - auc, cluster[truth == 0], all)
  with_positive <- length(unique(cluster[truth == 1]))
  with_negative <- length(unique(cluster[truth == 0]))
  smaller <- min(with_positive, with_negative)
  if (smaller < 2) return(c(auc, NA, NA))
  parts <- c(
    with_positive / (with_positive - 1) * sum(above^2) / length(v10)^2,
    with_negative / (with_negative - 1) * sum(beside^2) / length(v01)^2,
    2 * length(all) / (length(all) - 1) * sum(above * beside) / (length(v10) * length(v01))
  )
  variance <- sum(parts)
  if (abs(variance) <= 1e-12 * sum(abs(parts)) || variance < 1e-28 || auc <= 0 || auc >= 1) return(c(auc, NA, NA))
  half <- qt(0.975, smaller - 1) * sqrt(variance) / (auc * (1 - auc))
  c(auc, plogis(qlogis(auc) - half), plogis(qlogis(auc) + half))
}

# ---- averages over readers ------------------------------------------------------------------------------------------------

# What a read of each reader weighs in either test: alike in both, nothing for a reader of one test only, unless all are.
weigh <- function(a, b) {
  in_both <- a > 0 & b > 0
  nested <- !any(in_both)
  weight <- if (nested) a + b else ifelse(in_both, (a + b) / 2, 0)
  sides <- if (nested) list(a, b) else list(weight)
  list(
    weights = list(ifelse(a > 0, weight / a, 0), ifelse(b > 0, weight / b, 0)),
    readers = if (nested) sum(a + b > 0) else sum(in_both),
    effective = min(sapply(sides, function(side) if (any(side > 0)) sum(side)^2 / sum(side^2) else 0))
  )
}

# Sum of products over two (positive cluster, negative cluster) pairs that have no cluster in common.
unlike <- function(x, y) {
  all_x <- rowSums(x) + colSums(x)
  all_y <- rowSums(y) + colSums(y)
  one <- sum(all_x * all_y)
  two <- sum(x * y) + sum(x * t(y)) + sum(all_x * diag(y)) + sum(diag(x) * all_y)
  sum(x) * sum(y) - one + two - 3 * sum(diag(x) * diag(y))
}

sums_of_areas <- function(x, y) {
  all_x <- Reduce(`+`, x)
  all_y <- Reduce(`+`, y)
  list(
    apart = unlike(all_x, all_y) - sum(mapply(unlike, x, y)),
    sources = c(
      sum(mapply(function(a, b) sum(a) * sum(b), x, y)),
      sum(rowSums(all_x) * rowSums(all_y)),
      sum(colSums(all_x) * colSums(all_y))
    ),
    every = sum(all_x) * sum(all_y)
  )
}

sums_of_shares <- function(x, y) {
  x <- do.call(rbind, x)
  y <- do.call(rbind, y)
  every <- sum(x) * sum(y)
  reader <- sum(rowSums(x) * rowSums(y))
  cluster <- sum(colSums(x) * colSums(y))
  list(apart = every - reader - cluster + sum(x * y), sources = c(reader, cluster), every = every)
}

# Unbiased second moment, and what readers and images alone add, with their degrees of freedom.
moments <- function(sums, won, read, other_won, other_read) {
  outcome <- sums(won, other_won)
  seen <- sums(read, other_read)
  average <- if (seen$every > 0) outcome$every / seen$every else 0
  list(
    estimable = seen$apart > 0,
    unbiased = if (seen$apart > 0) outcome$apart / seen$apart else 0,
    sources = ifelse(seen$sources > 0, outcome$sources / seen$sources - average, 0),
    df = ifelse(seen$sources > 0, floor(seen$every / seen$sources - 1 + 0.5), 0)
  )
}

# First less second, averaged over readers: rows are readers, columns images; NA where an image was not read.
contrast <- function(truth, cluster, first, second, measure) {
  wanted <- switch(measure, auc = c(0, 1), sensitivity = 1, specificity = 0)
  kept <- truth %in% wanted & colSums(!is.na(first) | !is.na(second)) > 0
  truth <- truth[kept]
  cluster <- match(cluster[kept], unique(cluster[kept]))
  first <- first[, kept, drop = FALSE]
  second <- second[, kept, drop = FALSE]
  if (any(sapply(wanted, function(of) length(unique(cluster[truth == of])) < 2))) return(list(fixed = NULL, random = NULL))
  clusters <- max(cluster)
  readers <- seq_len(nrow(first))
  tests <- list(first, second)
  pairs <- lapply(tests, function(scores) sapply(readers, function(r) {
    read <- !is.na(scores[r, ])
    if (measure == "auc") sum(read & truth == 1) * sum(read & truth == 0) else sum(read)
  }))
  weighing <- weigh(pairs[[1]], pairs[[2]])

  sides <- lapply(1:2, function(side) {
    scores <- tests[[side]]
    weight <- weighing$weights[[side]]
    if (measure == "auc") {
      table_of <- function(r, outcome) {
        p <- which(!is.na(scores[r, ]) & truth == 1)
        q <- which(!is.na(scores[r, ]) & truth == 0)
        above <- outer(scores[r, p], scores[r, q], outcome)
        places <- outer(cluster[p], (cluster[q] - 1) * clusters, `+`)
        weight[r] * matrix(by_place(as.vector(above), as.vector(places), clusters^2), clusters)
      }
      won <- lapply(readers, table_of, function(a, b) (a > b) + 0.5 * (a == b))
      seen <- lapply(readers, table_of, function(a, b) a * 0 + b * 0 + 1)
      all_won <- Reduce(`+`, won)
      all_seen <- Reduce(`+`, seen)
      total <- sum(all_seen)
      average <- sum(all_won) / total
      parts <- list(
        (rowSums(all_won) - average * rowSums(all_seen)) / total,
        (colSums(all_won) - average * colSums(all_seen)) / total
      )
      holds <- list(rowSums(all_seen) > 0, colSums(all_seen) > 0)
    } else {
      counted <- function(r, rows) weight[r] * tabulate(cluster[rows], clusters)
      seen <- lapply(readers, function(r) counted(r, !is.na(scores[r, ])))
      won <- lapply(readers, function(r) counted(r, !is.na(scores[r, ]) & scores[r, ] == wanted))
      all_won <- Reduce(`+`, won)
      all_seen <- Reduce(`+`, seen)
      total <- sum(all_seen)
      average <- sum(all_won) / total
      parts <- list((all_won - average * all_seen) / total)
      holds <- list(all_seen > 0)
    }
    list(won = won, seen = seen, average = average, parts = parts, holds = holds)
  })
  a <- sides[[1]]
  b <- sides[[2]]
  estimate <- a$average - b$average

  per_df <- function(count) if (count > 1) count / (count - 1) else 0
  either <- function(holds) Reduce(`|`, holds)
  counts <- function(holds) c(sapply(holds, sum), sum(either(holds)))
  variance_of <- function(parts, counted) {
    own <- sum(mapply(function(part, count) per_df(count) * sum(part^2), parts, counted[seq_along(parts)]))
    if (length(parts) == 2) own + 2 * per_df(counted[3]) * sum(parts[[1]] * parts[[2]]) else own
  }
  counted <- list(counts(a$holds), counts(b$holds))
  least <- pmin(counted[[1]], counted[[2]])
  smaller <- sapply(counted, function(each) min(each[-length(each)]))
  variances <- c(variance_of(a$parts, counted[[1]]), variance_of(b$parts, counted[[2]]))
  size <- sum(variances)
  if (any(either(a$holds) & either(b$holds))) {
    fixed <- variance_of(Map(`-`, a$parts, b$parts), least)
    df <- min(smaller) - 1
  } else {
    spread <- sum(variances^2 / (smaller - 1))
    fixed <- size
    df <- if (spread > 0) max(min(smaller) - 1, size^2 / spread) else min(smaller) - 1
  }

  # t with df degrees of freedom, normal where df is infinite.
  test <- function(variance, df) {
    if (variance <= 1e-12 * size) return(list(estimate = estimate, limits = c(NA, NA), df = df, p = NA))
    error <- sqrt(variance)
    list(estimate = estimate, limits = estimate + c(-1, 1) * qt(0.975, df) * error, df = df, p = 2 * pt(-abs(estimate / error), df))
  }
  of_fixed <- test(fixed, df)
  sums <- if (measure == "auc") sums_of_areas else sums_of_shares
  own <- moments(sums, a$won, a$seen, a$won, a$seen)
  other <- moments(sums, b$won, b$seen, b$won, b$seen)
  shared <- moments(sums, a$won, a$seen, b$won, b$seen)
  if (weighing$readers < 2 || !(own$estimable && other$estimable && shared$estimable)) return(list(fixed = of_fixed, random = NULL))
  dfs <- pmin(own$df, other$df)
  if (min(dfs) < 1) return(list(fixed = of_fixed, random = list(estimate = estimate, limits = c(NA, NA), df = NA, p = NA)))
  unbiased <- (a$average^2 - own$unbiased) + (b$average^2 - other$unbiased) - 2 * (a$average * b$average - shared$unbiased)
  sources <- own$sources + other$sources - 2 * shared$sources
  variance <- max(unbiased, fixed)
  spread <- sum(sources^2 / dfs^3)
  df <- if (spread == 0) NA else max(min(dfs), variance^2 / spread)
  of_random <- test(variance, if (is.na(df) || df > 50) Inf else floor(df))
  of_random$df <- df
  # Readers like these are never surer than these very readers, and nothing is tested of fewer than five.
  width <- function(each) if (is.na(each$limits[1])) 0 else diff(each$limits)
  if (width(of_random) < width(of_fixed)) of_random[c("limits", "df")] <- of_fixed[c("limits", "df")]
  tested <- !is.na(of_random$p) && floor(weighing$effective + 0.5) >= 5
  of_random$p <- if (tested) max(of_random$p, if (is.na(of_fixed$p)) 0 else of_fixed$p) else NA
  list(fixed = of_fixed, random = of_random)
}

by_place <- function(values, places, count) {
  sums <- numeric(count)
  found <- rowsum(values, places)
  sums[as.integer(rownames(found))] <- found[, 1]
  sums
}

# ---- the tables and the results -------------------------------------------------------------------------------------------

table_of <- function(name) {
  read.csv(file.path(here, name), fileEncoding = "UTF-8-BOM", colClasses = "character", na.strings = "", check.names = FALSE)
}
images <- table_of("images.csv")
truth <- as.integer(images$truth)
cluster <- images$patient
results <- read_json(file.path(here, "results.json"))
settings <- read_json(file.path(here, "settings.json"))

reads <- table_of("reads.csv")
reads <- reads[reads$occasion == "1", ]
# Of a case that was not evaluable counts what the plan says.
own_call <- as.integer(reads$call)
wrong <- 1L - truth[match(reads$image, images$image)]
not_evaluable <- switch(settings$notEvaluable, exclude = NA_integer_, positive = 1L, negative = 0L, incorrect = wrong)
call <- ifelse(is.na(own_call), not_evaluable, own_call)
# A guess that it is positive lies above a guess that it is negative.
rank <- ifelse(own_call == 1, 101 + as.numeric(reads$confidence), 100 - as.numeric(reads$confidence))
rating <- ifelse(is.na(own_call), NA, as.numeric(reads$rating))
spread_out <- function(values, image) {
  row <- rep(NA_real_, nrow(images))
  row[match(image, images$image)] <- values
  row
}
party_of <- function(reader, condition) if (is.na(condition)) reader else paste(reader, condition)
party <- paste(reads$reader, reads$condition)
calls <- list()
ratings <- list()
for (name in unique(party)) {
  own <- party == name
  calls[[name]] <- spread_out(call[own], reads$image[own])
  # Who gave ratings in a condition is ranked by them alone.
  by <- if (all(is.na(rating[own]))) rank else rating
  ratings[[name]] <- spread_out(by[own], reads$image[own])
}
if (file.exists(file.path(here, "scores.csv"))) {
  scores <- table_of("scores.csv")
  score <- as.numeric(scores$score)
  ratings[["network"]] <- spread_out(score, scores$image)
  calls[["network"]] <- spread_out(as.integer(score >= as.numeric(scores$threshold)), scores$image)
}

failed <- 0
check <- function(what, stored, computed) {
  same <- if (is.na(stored) || is.na(computed)) is.na(stored) && is.na(computed) else abs(stored - computed) <= tolerance * max(1, abs(stored))
  if (!same) failed <<- failed + 1
  cat(if (same) "ok        " else "DIFFERENT ", " ", what, ": ", format(computed, digits = 12), if (!same) paste(", results.json has", stored), "\n", sep = "")
}
estimate <- function(what, stored, computed) {
  for (i in 1:3) check(paste(what, c("estimate", "lower", "upper")[i]), stored[[c("estimate", "lower", "upper")[i]]], computed[i])
}
has_proc <- requireNamespace("pROC", quietly = TRUE)

for (row in results$rows) {
  name <- party_of(row$reader, row$condition)
  own <- calls[[name]]
  seen <- !is.na(own)
  right <- as.numeric(own == truth)
  for (cell in list(list("tp", 1, 1), list("fn", 1, 0), list("tn", 0, 0), list("fp", 0, 1)))
    check(paste(name, cell[[1]]), row[[cell[[1]]]], sum(seen & truth == cell[[2]] & own == cell[[3]]))
  among <- list(sensitivity = truth == 1, specificity = truth == 0, ppv = own == 1, npv = own == 0, accuracy = seen)
  for (measure in names(among)) {
    kept <- which(seen & among[[measure]])
    estimate(paste(name, measure), row[[measure]], share(right[kept], cluster[kept]))
  }
  rated <- which(!is.na(ratings[[name]]))
  found <- area(truth[rated], ratings[[name]][rated], cluster[rated])
  estimate(paste(name, "auc"), row$auc, found)
  if (has_proc && !is.na(found[1])) {
    curve <- pROC::roc(truth[rated], ratings[[name]][rated], levels = c(0, 1), direction = "<", quiet = TRUE)
    check(paste(name, "auc by pROC"), row$auc$estimate, as.numeric(pROC::auc(curve)))
  }
}

primary <- results$primary
if (!is.list(primary)) {
  cat("The protocol plans no primary contrast.\n")
} else {
  given <- if (primary$measure == "auc") ratings else calls
  in_condition <- function(condition) {
    readers <- unique(reads$reader[reads$condition == condition])
    found <- setNames(lapply(readers, function(reader) given[[paste(reader, condition)]]), readers)
    Filter(function(row) !all(is.na(row)), found)
  }
  second <- in_condition(primary$second)
  if (is.na(primary$first)) {
    scores <- if (is.null(given[["network"]])) rep(NA_real_, nrow(images)) else given[["network"]]
    first <- lapply(second, function(row) ifelse(is.na(row), NA, scores))
    second <- lapply(second, function(row) ifelse(is.na(scores), NA, row))
    readers <- names(second)
  } else {
    first <- in_condition(primary$first)
    readers <- intersect(names(first), names(second))
    if (length(readers) == 0) readers <- union(names(first), names(second))
  }
  rows <- function(side) t(sapply(readers, function(reader) if (is.null(side[[reader]])) rep(NA_real_, nrow(images)) else side[[reader]]))
  found <- if (length(readers) > 0) contrast(truth, cluster, rows(first), rows(second), primary$measure)[[primary$readers]]
  if (is.null(found)) found <- list(estimate = NA, limits = c(NA, NA), df = NA, p = NA)
  estimate("primary contrast", primary$difference, c(found$estimate, pmax(-1, pmin(1, found$limits))))
  check("primary contrast df", primary$df, found$df)
  check("primary contrast P", primary$p, found$p)
}

if (!has_proc) cat("pROC is not installed: the areas were not computed once more by it.\n")
cat(if (failed > 0) paste(failed, "numbers differ.\n") else "Every number is that of results.json.\n")
quit(status = if (failed > 0) 1 else 0)
