# Seconds and matrix of DNAtools::dbCompare on one thread, as JSON; argument: a CSV of alleles.
suppressPackageStartupMessages(library(DNAtools))
profiles <- read.csv(commandArgs(trailingOnly = TRUE)[1], check.names = FALSE)
seconds <- system.time(
  # No list of hits: more loci are asked for than there are.
  result <- dbCompare(profiles, hit = ncol(profiles), trace = FALSE, threads = 1)
)[["elapsed"]]
counts <- result$m
counts[is.na(counts)] <- 0
rows <- apply(counts, 1, function(row) {
  paste0("[", paste(format(row, scientific = FALSE, trim = TRUE), collapse = ","), "]")
})
cat(
  '{"version":"', as.character(packageVersion("DNAtools")), '",',
  '"seconds":', format(seconds, scientific = FALSE), ",",
  '"matrix":[', paste(rows, collapse = ","), "]}\n",
  sep = ""
)
