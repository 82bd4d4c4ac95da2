export * from "@/core/figures/series";
