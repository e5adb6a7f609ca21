"""Lemmas of Coq that exported proofs use: finite sums, signs, exponentials and powers."""

LEMMAS = r"""(* Sums *)

Lemma vsum_eq lo hi f g :
  (forall i, (lo <= i <= hi)%nat -> f i = g i) -> vsum lo hi f = vsum lo hi g.
Proof.
  induction hi as [|n IH]; intros H; simpl; [reflexivity|].
  rewrite IH by (intros i Hi; apply H; lia).
  destruct (Nat.leb_spec lo (S n)) as [L|L]; [rewrite H by lia|]; reflexivity.
Qed.
Lemma vsum_zero lo hi : vsum lo hi (fun _ => 0) = 0.
Proof. induction hi as [|n IH]; simpl; [reflexivity|rewrite IH; destruct Nat.leb; ring]. Qed.
Lemma vsum_scal lo hi c f : vsum lo hi (fun i => c * f i) = c * vsum lo hi f.
Proof. induction hi as [|n IH]; simpl; [ring|rewrite IH; destruct Nat.leb; ring]. Qed.
Lemma vsum_plus lo hi f g a b : vsum lo hi f = a -> vsum lo hi g = b ->
  vsum lo hi (fun i => f i + g i) = a + b.
Proof.
  intros <- <-. induction hi as [|n IH]; simpl; [ring|rewrite IH; destruct Nat.leb; ring].
Qed.
Lemma vsum_ones_1 hi : vsum 1 hi (fun _ => 1) = INR hi.
Proof. induction hi as [|n IH]; [reflexivity|]. rewrite S_INR. simpl. rewrite IH. ring. Qed.
Lemma vsum_ones_2 hi : (1 <= hi)%nat -> vsum 2 hi (fun _ => 1) = -1 + INR hi.
Proof.
  intros H. induction hi as [|n IH]; [lia|]. destruct n as [|n]; [simpl; ring|].
  rewrite S_INR. change (vsum 2 (S (S n)) (fun _ => 1)) with (vsum 2 (S n) (fun _ => 1) + 1).
  rewrite IH by lia. ring.
Qed.
Lemma vsum_times_r lo hi f c : vsum lo hi f * c = vsum lo hi (fun i => f i * c).
Proof. induction hi as [|n IH]; simpl; [ring|rewrite <- IH; destruct Nat.leb; ring]. Qed.
Lemma vsum_times_l lo hi f c : c * vsum lo hi f = vsum lo hi (fun i => c * f i).
Proof. induction hi as [|n IH]; simpl; [ring|rewrite <- IH; destruct Nat.leb; ring]. Qed.
Lemma vsum_swap lo hi lo' hi' f :
  vsum lo hi (fun i => vsum lo' hi' (fun j => f i j)) =
  vsum lo' hi' (fun j => vsum lo hi (fun i => f i j)).
Proof.
  induction hi as [|n IH]; simpl; [symmetry; apply vsum_zero|].
  rewrite IH. symmetry. apply vsum_plus; [reflexivity|].
  destruct Nat.leb; [reflexivity|apply vsum_zero].
Qed.

Lemma vsum_none lo hi k f : (k < lo \/ hi < k)%nat -> vsum lo hi (fun i => delta i k * f i) = 0.
Proof.
  intros H. rewrite <- (vsum_zero lo hi). apply vsum_eq. intros i Hi. unfold delta.
  destruct (Nat.eqb_spec i k); [lia|ring].
Qed.
Lemma vsum_delta lo hi k f : (1 <= lo)%nat -> (lo <= k <= hi)%nat ->
  vsum lo hi (fun i => delta i k * f i) = f k.
Proof.
  intros One. induction hi as [|n IH]; intros H; [lia|]. simpl.
  destruct (Nat.eq_dec k (S n)) as [->|N].
  - rewrite vsum_none by lia. unfold delta. rewrite Nat.eqb_refl.
    destruct (Nat.leb_spec lo (S n)); [ring|lia].
  - rewrite IH by lia. unfold delta. destruct (Nat.eqb_spec (S n) k); [lia|].
    destruct Nat.leb; ring.
Qed.
Lemma vsum_nonneg lo hi f : (forall i, (lo <= i <= hi)%nat -> 0 <= f i) -> 0 <= vsum lo hi f.
Proof.
  induction hi as [|n IH]; intros H; simpl; [lra|].
  apply Rplus_le_le_0_compat; [apply IH; intros i Hi; apply H; lia|].
  destruct (Nat.leb_spec lo (S n)); [apply H; lia|lra].
Qed.
Lemma vsum_pos lo hi f : (1 <= lo <= hi)%nat ->
  (forall i, (lo <= i <= hi)%nat -> 0 < f i) -> 0 < vsum lo hi f.
Proof.
  intros L H. destruct hi as [|n]; [lia|]. simpl.
  apply Rplus_le_lt_0_compat; [apply vsum_nonneg; intros i Hi; apply Rlt_le, H; lia|].
  destruct (Nat.leb_spec lo (S n)); [apply H; lia|lia].
Qed.
Lemma vsum_opp lo hi f : vsum lo hi (fun i => - f i) = - vsum lo hi f.
Proof. induction hi as [|n IH]; simpl; [ring|rewrite IH; destruct Nat.leb; ring]. Qed.
Lemma vsum_nonpos lo hi f : (forall i, (lo <= i <= hi)%nat -> f i <= 0) -> vsum lo hi f <= 0.
Proof.
  intros H. apply Ropp_le_cancel. rewrite Ropp_0, <- vsum_opp. apply vsum_nonneg.
  intros i Hi. specialize (H i Hi). lra.
Qed.
Lemma vsum_neg lo hi f : (1 <= lo <= hi)%nat ->
  (forall i, (lo <= i <= hi)%nat -> f i < 0) -> vsum lo hi f < 0.
Proof.
  intros L H. apply Ropp_lt_cancel. rewrite Ropp_0, <- vsum_opp. apply vsum_pos; [exact L|].
  intros i Hi. specialize (H i Hi). lra.
Qed.
Lemma vsum_above lo hi k f : (1 <= lo)%nat -> (lo <= k <= hi)%nat ->
  (forall i, (lo <= i <= hi)%nat -> 0 <= f i) -> 0 <= vsum lo hi f + -1 * f k.
Proof.
  intros One Hk H. replace (vsum lo hi f + -1 * f k)
    with (vsum lo hi (fun i => (1 - delta i k) * f i)).
  - apply vsum_nonneg. intros i Hi. apply Rmult_le_pos; [|apply H, Hi].
    unfold delta. destruct Nat.eqb; lra.
  - transitivity (vsum lo hi (fun i => f i + -1 * (delta i k * f i))).
    + apply vsum_eq. intros. ring.
    + apply vsum_plus; [reflexivity|]. rewrite vsum_scal, vsum_delta by assumption. reflexivity.
Qed.

(* Indices and deltas *)

Lemma wide i n : (2 <= i <= n)%nat -> (1 <= i <= n)%nat.
Proof. lia. Qed.
Lemma delta_cases i j : delta i j = 0 \/ delta i j = 1.
Proof. unfold delta. destruct Nat.eqb; auto. Qed.
Lemma delta_sym i j : delta i j = delta j i.
Proof. unfold delta. rewrite Nat.eqb_sym. reflexivity. Qed.
Lemma delta_same i : delta i i = 1.
Proof. unfold delta. rewrite Nat.eqb_refl. reflexivity. Qed.
Lemma delta_other i j : i <> j -> delta i j = 0.
Proof. intros H. unfold delta. destruct (Nat.eqb_spec i j); [contradiction|reflexivity]. Qed.
Lemma delta_nonneg i j : 0 <= delta i j.
Proof. destruct (delta_cases i j); lra. Qed.
Lemma apart_nonneg i j : 0 <= 1 + -1 * delta i j.
Proof. destruct (delta_cases i j); lra. Qed.

Lemma bit_nonneg x : x = 0 \/ x = 1 -> 0 <= x.
Proof. intros [->| ->]; lra. Qed.
Lemma ln_bit x : 0 < x -> x = 0 \/ x = 1 -> ln x = 0.
Proof. intros P [->| ->]; [lra|apply ln_1]. Qed.

(* Signs *)

Lemma add_pos_pos a b : 0 < a -> 0 < b -> 0 < a + b. Proof. intros; lra. Qed.
Lemma add_pos_nonneg a b : 0 < a -> 0 <= b -> 0 < a + b. Proof. intros; lra. Qed.
Lemma add_nonneg_pos a b : 0 <= a -> 0 < b -> 0 < a + b. Proof. intros; lra. Qed.
Lemma add_nonneg_nonneg a b : 0 <= a -> 0 <= b -> 0 <= a + b. Proof. intros; lra. Qed.
Lemma add_neg_neg a b : a < 0 -> b < 0 -> a + b < 0. Proof. intros; lra. Qed.
Lemma add_neg_nonpos a b : a < 0 -> b <= 0 -> a + b < 0. Proof. intros; lra. Qed.
Lemma add_nonpos_neg a b : a <= 0 -> b < 0 -> a + b < 0. Proof. intros; lra. Qed.
Lemma add_nonpos_nonpos a b : a <= 0 -> b <= 0 -> a + b <= 0. Proof. intros; lra. Qed.
Lemma mul_pos_pos a b : 0 < a -> 0 < b -> 0 < a * b. Proof. intros; nra. Qed.
Lemma mul_pos_neg a b : 0 < a -> b < 0 -> a * b < 0. Proof. intros; nra. Qed.
Lemma mul_neg_pos a b : a < 0 -> 0 < b -> a * b < 0. Proof. intros; nra. Qed.
Lemma mul_neg_neg a b : a < 0 -> b < 0 -> 0 < a * b. Proof. intros; nra. Qed.
Lemma mul_nonneg_nonneg a b : 0 <= a -> 0 <= b -> 0 <= a * b. Proof. intros; nra. Qed.
Lemma mul_nonneg_nonpos a b : 0 <= a -> b <= 0 -> a * b <= 0. Proof. intros; nra. Qed.
Lemma mul_nonpos_nonneg a b : a <= 0 -> 0 <= b -> a * b <= 0. Proof. intros; nra. Qed.
Lemma mul_nonpos_nonpos a b : a <= 0 -> b <= 0 -> 0 <= a * b. Proof. intros; nra. Qed.
Lemma mul_ne a b : a <> 0 -> b <> 0 -> a * b <> 0.
Proof. apply Rmult_integral_contrapositive_currified. Qed.
Lemma ne_of_pos a : 0 < a -> a <> 0. Proof. intros; lra. Qed.
Lemma ne_of_neg a : a < 0 -> a <> 0. Proof. intros; lra. Qed.
Lemma pos_of_ne a : 0 <= a -> a <> 0 -> 0 < a. Proof. intros; lra. Qed.
Lemma neg_of_ne a : a <= 0 -> a <> 0 -> a < 0. Proof. intros; lra. Qed.
Lemma size_pos n : (1 <= n)%nat -> 0 < INR n.
Proof. intros H. apply lt_0_INR. lia. Qed.
Lemma size_more n : (1 <= n)%nat -> 0 <= INR n + (-1).
Proof. intros H. assert (P := le_INR 1 n H). simpl in P. lra. Qed.
Lemma index_pos lo i hi : (1 <= lo)%nat -> (lo <= i <= hi)%nat -> 0 < INR i.
Proof. intros One H. apply lt_0_INR. lia. Qed.
Lemma pow_pos n a : 0 < a -> 0 < a ^ n. Proof. apply pow_lt. Qed.
Lemma pow_nonneg n a : 0 <= a -> 0 <= a ^ n. Proof. apply pow_le. Qed.
Lemma pow_ne n a : a <> 0 -> a ^ n <> 0. Proof. apply pow_nonzero. Qed.
Lemma pow_even n a : 0 <= a ^ (2 * n).
Proof. rewrite pow_mult. apply pow_le. simpl. nra. Qed.
Lemma pow_even_ne n a : a <> 0 -> 0 < a ^ (2 * n).
Proof. intros H. apply pos_of_ne; [apply pow_even|apply pow_nonzero, H]. Qed.
Lemma pow_odd_nonpos n a : a <= 0 -> a ^ (S (2 * n)) <= 0.
Proof. intros H. assert (P := pow_even n a). change (a * a ^ (2 * n) <= 0). nra. Qed.
Lemma pow_odd_neg n a : a < 0 -> a ^ (S (2 * n)) < 0.
Proof.
  intros H. assert (P : 0 < a ^ (2 * n)) by (apply pow_even_ne; lra).
  change (a * a ^ (2 * n) < 0). nra.
Qed.
Lemma inv_pos a : 0 < a -> 0 < / a. Proof. apply Rinv_0_lt_compat. Qed.
Lemma inv_nonneg a : 0 <= a -> 0 <= / a.
Proof. intros [A| <-]; [apply Rlt_le, inv_pos, A|rewrite Rinv_0; lra]. Qed.
Lemma inv_neg a : a < 0 -> / a < 0. Proof. apply Rinv_lt_0_compat. Qed.
Lemma exp_ne x : exp x <> 0.
Proof. assert (H := exp_pos x). lra. Qed.

(* What follows from a term that is not zero *)

Lemma left_ne a b : a * b <> 0 -> a <> 0. Proof. intros H ->. apply H. ring. Qed.
Lemma right_ne a b : a * b <> 0 -> b <> 0. Proof. intros H ->. apply H. ring. Qed.
Lemma base_ne n a : a ^ S n <> 0 -> a <> 0. Proof. intros H ->. apply H, pow_i. lia. Qed.
Lemma inv_ne a : / a <> 0 -> a <> 0. Proof. intros H ->. apply H, Rinv_0. Qed.
Lemma rpow_ne a x : rpow a x <> 0 -> a <> 0.
Proof. intros H ->. apply H. unfold rpow. destruct Rlt_dec; [lra|reflexivity]. Qed.
Lemma either_ne a b (P : Prop) : (a <> 0 -> P) -> (b <> 0 -> P) -> a + b <> 0 -> P.
Proof. intros A B H. destruct (Req_dec a 0) as [->|N]; [apply B; lra|apply A, N]. Qed.
Lemma pos_of_above a b : 0 <= a + -1 * b -> 0 < b -> 0 < a. Proof. intros; lra. Qed.

(* Transport along equations, order *)

Lemma pos_eq a b : a = b -> 0 < a -> 0 < b. Proof. intros <-. exact (fun H => H). Qed.
Lemma nonneg_eq a b : a = b -> 0 <= a -> 0 <= b. Proof. intros <-. exact (fun H => H). Qed.
Lemma ne_eq a b : a = b -> a <> 0 -> b <> 0. Proof. intros <-. exact (fun H => H). Qed.
Lemma neg_eq a b : a = b -> a < 0 -> b < 0. Proof. intros <-. exact (fun H => H). Qed.
Lemma nonpos_eq a b : a = b -> a <= 0 -> b <= 0. Proof. intros <-. exact (fun H => H). Qed.
Lemma diff_pos a b : a < b -> 0 < b + -1 * a. Proof. intros; lra. Qed.
Lemma diff_nonneg a b : a <= b -> 0 <= b + -1 * a. Proof. intros; lra. Qed.
Lemma diff_ne a b : a <> b -> b + -1 * a <> 0. Proof. intros; lra. Qed.
Lemma zero_eq a b d : d = 0 -> a + -1 * b = d -> a = b. Proof. intros; lra. Qed.
Lemma ne_of_times a b c : a = b * c -> a <> 0 -> c <> 0.
Proof. intros -> H C. apply H. rewrite C. ring. Qed.
Lemma times_zero c d : d = 0 -> c * d = 0. Proof. intros ->. ring. Qed.
Lemma opp_ne a : a <> 0 -> -1 * a <> 0. Proof. intros; lra. Qed.
Lemma eq_zero a b : a = b -> a + -1 * b = 0. Proof. intros; lra. Qed.

(* Exponentials, logarithms, powers *)

Lemma exp_sum a b p q : exp a = p -> exp b = q -> exp (a + b) = p * q.
Proof. intros <- <-. apply exp_plus. Qed.
Lemma exp_times n x : exp (IZR (Z.of_nat n) * x) = exp x ^ n.
Proof.
  rewrite <- INR_IZR_INZ. induction n as [|n IH].
  - simpl. rewrite Rmult_0_l. apply exp_0.
  - rewrite S_INR, Rmult_plus_distr_r, Rmult_1_l, exp_plus, IH. simpl. ring.
Qed.
Lemma exp_minus n x : exp (IZR (- Z.of_nat n) * x) = / exp x ^ n.
Proof. rewrite opp_IZR, Ropp_mult_distr_l_reverse, exp_Ropp, exp_times. reflexivity. Qed.
Lemma ln_times a b p q : 0 < a -> 0 < b -> ln a = p -> ln b = q -> ln (a * b) = p + q.
Proof. intros A B <- <-. apply ln_mult; assumption. Qed.
Lemma ln_power n a : 0 < a -> ln (a ^ n) = IZR (Z.of_nat n) * ln a.
Proof.
  intros H. rewrite <- INR_IZR_INZ. induction n as [|n IH].
  - simpl. rewrite ln_1. ring.
  - rewrite S_INR. simpl. rewrite ln_mult, IH by (assumption || apply pow_lt, H). ring.
Qed.
Lemma ln_inverse n a : 0 < a -> ln (/ a ^ n) = IZR (- Z.of_nat n) * ln a.
Proof.
  intros H. rewrite ln_Rinv, ln_power, opp_IZR by (try apply pow_lt; assumption). ring.
Qed.
Lemma ln_inv a : 0 < a -> ln (/ a) = -1 * ln a.
Proof. intros H. rewrite ln_Rinv by assumption. ring. Qed.
Lemma one_exp a : 0 < a -> a = exp (1 * ln a).
Proof. intros H. rewrite Rmult_1_l, exp_ln by assumption. reflexivity. Qed.
Lemma over_exp a : 0 < a -> / a = exp (-1 * ln a).
Proof. intros H. rewrite <- ln_inv, exp_ln by (try apply inv_pos; assumption). reflexivity. Qed.
Lemma rpow_zero x : rpow 0 x = 0.
Proof. unfold rpow. destruct Rlt_dec; [lra|reflexivity]. Qed.
Lemma rpow_pos a x : 0 < a -> 0 < rpow a x.
Proof. intros H. unfold rpow. destruct Rlt_dec; [apply exp_pos|contradiction]. Qed.
Lemma rpow_nonneg a x : 0 <= rpow a x.
Proof. unfold rpow. destruct Rlt_dec; [apply Rlt_le, exp_pos|lra]. Qed.
Lemma rpow_exp a x : 0 < a -> rpow a x = exp (x * ln a).
Proof. intros H. unfold rpow. destruct Rlt_dec; [reflexivity|contradiction]. Qed.
Lemma pow_exp n a : 0 < a -> a ^ n = exp (IZR (Z.of_nat n) * ln a).
Proof. intros H. rewrite exp_times, exp_ln by assumption. reflexivity. Qed.
Lemma inv_exp n a : 0 < a -> / a ^ n = exp (IZR (- Z.of_nat n) * ln a).
Proof. intros H. rewrite exp_minus, exp_ln by assumption. reflexivity. Qed.
Lemma ln_rpow a x : 0 < a -> ln (rpow a x) = x * ln a.
Proof. intros H. rewrite rpow_exp by assumption. apply ln_exp. Qed.
(* A power with exponent n / d of w ^ d is w ^ n. *)
Lemma rpow_of_root n d w a : 0 <= w -> a = w ^ S d ->
  rpow a (IZR (Z.of_nat (S n)) / IZR (Z.of_nat (S d))) = w ^ S n.
Proof.
  intros [W| <-] ->.
  - assert (P : 0 < w ^ S d) by (apply pow_lt, W).
    rewrite rpow_exp, ln_power, (pow_exp (S n)) by assumption. f_equal. field.
    apply not_0_IZR. lia.
  - unfold rpow. rewrite !pow_i by lia. destruct Rlt_dec; [lra|reflexivity].
Qed.
Lemma root_ne d w a : 0 < a -> a = w ^ S d -> w <> 0.
Proof. intros A -> ->. rewrite pow_i in A by lia. lra. Qed.
Lemma rpow_of_root_inv n d w a : 0 <= w -> 0 < a -> a = w ^ S d ->
  rpow a (IZR (- Z.of_nat (S n)) / IZR (Z.of_nat (S d))) = / w ^ S n.
Proof.
  intros W0 P ->. assert (W : 0 < w) by (apply pos_of_ne; [|apply (root_ne d _ _ P)]; easy).
  rewrite rpow_exp, ln_power, (inv_exp (S n)) by assumption. f_equal. field.
  apply not_0_IZR. lia.
Qed.
Lemma nonneg_factor a b : 0 < a -> 0 <= a * b -> 0 <= b.
Proof. intros A H. apply (Rmult_le_reg_l a); [exact A|]. rewrite Rmult_0_r. exact H. Qed.
Lemma root_pow d a : 0 <= a -> rpow a (1 / IZR (Z.of_nat (S d))) ^ S d = a.
Proof.
  intros [A| <-].
  - rewrite rpow_exp, <- exp_times by assumption. rewrite <- (exp_ln a) at 2 by assumption.
    f_equal. field. apply not_0_IZR. lia.
  - unfold rpow. destruct Rlt_dec; [lra|]. apply pow_i. lia.
Qed.
Lemma rpow_whole n a : 0 < a -> rpow a (IZR (Z.of_nat n)) = a ^ n.
Proof. intros H. rewrite rpow_exp, pow_exp by assumption. reflexivity. Qed.
Lemma rpow_whole_inv n a : 0 < a -> rpow a (IZR (- Z.of_nat n)) = / a ^ n.
Proof. intros H. rewrite rpow_exp, inv_exp by assumption. reflexivity. Qed.
Lemma rpow_inv a : 0 < a -> rpow a (- 1) = / a.
Proof. intros H. rewrite <- (pow_1 a) at 2. exact (rpow_whole_inv 1 a H). Qed.

Lemma exp_ge x : 1 + x <= exp x.
Proof.
  destruct (Req_dec x 0) as [->|N]; [rewrite exp_0; lra|]. apply Rlt_le, exp_ineq1, N.
Qed.
Lemma gap_nonneg x : 0 < x -> 0 <= x + -1 + -1 * ln x.
Proof. intros H. assert (P := exp_ge (ln x)). rewrite exp_ln in P by assumption. lra. Qed.
Lemma gap0_nonneg x y : 0 <= x -> 0 <= y -> (x <> 0 -> 0 < y) ->
  0 <= y + xlogy x x + -1 * (x + xlogy x y).
Proof.
  unfold xlogy. intros [X|X] Y P; [|subst; lra].
  assert (Q : 0 < y) by (apply P; lra). assert (G := gap_nonneg (y * / x)).
  rewrite ln_mult, ln_Rinv in G by (try apply inv_pos; assumption).
  assert (H : 0 <= x * (y * / x + -1 + -1 * (ln y + - ln x)))
    by (apply Rmult_le_pos; [lra|apply G, Rmult_lt_0_compat; [|apply inv_pos]; assumption]).
  replace (x * (y * / x + -1 + -1 * (ln y + - ln x)))
    with (y + x * ln x + -1 * (x + x * ln y)) in H by (field; lra).
  exact H.
Qed.
Lemma root_abs x : rpow (x ^ 2) (1 / 2) = Rabs x.
Proof.
  rewrite <- pow2_abs. transitivity (Rabs x ^ 1); [|ring].
  exact (rpow_of_root 0 1 (Rabs x) _ (Rabs_pos x) eq_refl).
Qed.
Lemma fold_nonneg x : 0 <= rpow (x ^ 2) (1 / 2) + -1 * x.
Proof. rewrite root_abs. assert (H := Rle_abs x). lra. Qed.
Lemma bend_nonneg x y s : s = x + y ->
  0 <= rpow (x ^ 2) (1 / 2) + rpow (y ^ 2) (1 / 2) + -1 * rpow (s ^ 2) (1 / 2).
Proof. intros ->. rewrite !root_abs. assert (H := Rabs_triang x y). lra. Qed.
Lemma spread_nonneg lo hi f :
  0 <= vsum lo hi (fun i => rpow (f i ^ 2) (1 / 2)) + -1 * rpow (vsum lo hi f ^ 2) (1 / 2).
Proof.
  rewrite root_abs, (vsum_eq lo hi _ (fun i => Rabs (f i))) by (intros; apply root_abs).
  induction hi as [|n IH]; simpl; [rewrite Rabs_R0; lra|].
  assert (H := Rabs_triang (vsum lo n f) (if Nat.leb lo (S n) then f (S n) else 0)).
  destruct Nat.leb; [|rewrite Rabs_R0 in H]; lra.
Qed.
Lemma xlogy_eq x y l : (x <> 0 -> ln y = l) -> xlogy x y = x * l.
Proof.
  intros H. unfold xlogy. destruct (Req_dec x 0) as [->|N]; [ring|rewrite H by exact N; ring].
Qed.
Lemma rise_nonneg x : 0 <= x -> 0 <= exp x + -1.
Proof. intros H. assert (P := exp_ge x). lra. Qed.
Lemma ln_pos a : 0 < a + -1 -> 0 < ln a.
Proof. intros H. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Lemma ln_nonneg a : 0 <= a + -1 -> 0 <= ln a.
Proof. intros H. rewrite <- ln_1. apply ln_le; lra. Qed.
Lemma ln_neg a : 0 < a -> a + -1 < 0 -> ln a < 0.
Proof. intros P H. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Lemma ln_nonpos a : 0 < a -> a + -1 <= 0 -> ln a <= 0.
Proof. intros P H. rewrite <- ln_1. apply ln_le; lra. Qed.
Lemma ln_size n : (1 <= n)%nat -> 0 <= ln (INR n).
Proof. intros H. apply ln_nonneg. assert (P := le_INR 1 n H). simpl in P. lra. Qed.

(* Identities of fractions; the denominators that are not 0 are among the hypotheses *)

Ltac nonzero :=
  first
    [ assumption
    | apply IZR_neq; discriminate
    | let C := fresh in
      intro C;
      match goal with
      | H : ?w <> 0 |- _ => apply H; first [rewrite C; ring | nra]
      end ].
Ltac nonzeros := repeat match goal with |- _ /\ _ => split end; nonzero.
"""
